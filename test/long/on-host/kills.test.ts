import { killScenarios } from "../../on-host/renewal/support/kill-scenarios";

// One before each of its commands would take half an hour.
killScenarios({ every: 7, thorough: true });
killScenarios({ every: 7, thorough: false, batched: true });
