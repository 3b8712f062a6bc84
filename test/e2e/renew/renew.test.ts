import { renewScenarios } from "./renew-scenarios";

renewScenarios();
