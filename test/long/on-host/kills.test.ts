import { killScenarios } from "../../on-host/renewal/support/kill-scenarios";

killScenarios({ every: 1, thorough: true });
