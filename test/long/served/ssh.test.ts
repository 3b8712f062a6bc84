import { dovecotFaultScenarios } from "../../e2e/served/dovecot-fault-scenarios";
import { dovecotMisfitScenarios } from "../../e2e/served/dovecot-misfit-scenarios";
import { dovecotScenarios } from "../../e2e/served/dovecot-scenarios";
import { qmailScenarios } from "../../e2e/served/qmail-scenarios";
import { bySsh } from "../../e2e/served/reach";
import { servedCheckScenarios } from "../../e2e/served/served-check-scenarios";

dovecotScenarios("2.3", { reach: bySsh });
dovecotFaultScenarios("2.3", { reach: bySsh });
dovecotMisfitScenarios("2.3", { reach: bySsh });
qmailScenarios({ reach: bySsh });
servedCheckScenarios("2.3", { reach: bySsh });
