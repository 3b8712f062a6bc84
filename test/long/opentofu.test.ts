import { planScenarios } from "../e2e/planned/plan-scenarios";
import { dovecotFaultScenarios } from "../e2e/served/dovecot-fault-scenarios";
import { dovecotScenarios } from "../e2e/served/dovecot-scenarios";
import { openTofu } from "../e2e/served/engine-choice";
import { qmailScenarios } from "../e2e/served/qmail-scenarios";
import { servedCheckScenarios } from "../e2e/served/served-check-scenarios";

/** What `npm test` does with Terraform. */
dovecotScenarios("2.3", { engine: openTofu });
dovecotFaultScenarios("2.3", { engine: openTofu, variants: false });
qmailScenarios({ engine: openTofu, variants: false });
servedCheckScenarios("2.3", { engine: openTofu });
planScenarios(openTofu);
