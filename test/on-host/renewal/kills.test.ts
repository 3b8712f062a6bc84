import { killScenarios } from "./support/kill-scenarios";

killScenarios({ every: 11, thorough: false });
