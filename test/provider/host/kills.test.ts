import { killScenarios } from "./support/kill-scenarios";

// Before each command, and more often, in test/long.
killScenarios({ step: 4, kills: 3 });
