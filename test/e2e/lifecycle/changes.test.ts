import { changeScenarios } from "./change-scenarios";

changeScenarios("in process");
