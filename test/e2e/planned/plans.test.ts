import { planScenarios } from "./plan-scenarios";

planScenarios();
