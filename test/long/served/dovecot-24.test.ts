import { dovecotFaultScenarios } from "../../e2e/served/dovecot-fault-scenarios";
import { dovecotMisfitScenarios } from "../../e2e/served/dovecot-misfit-scenarios";
import { dovecotScenarios } from "../../e2e/served/dovecot-scenarios";
import { dovecotMoveScenarios } from "../../e2e/served/moving-name-scenarios";
import { servedCheckScenarios } from "../../e2e/served/served-check-scenarios";

dovecotScenarios("2.4");
dovecotFaultScenarios("2.4");
dovecotMisfitScenarios("2.4");
servedCheckScenarios("2.4");
dovecotMoveScenarios("2.4");
