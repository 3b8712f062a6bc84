import { movingNameScenarios } from "./moving-name-scenarios";

movingNameScenarios("2.3");
