import { renewScenarios } from "../../e2e/renew/renew-scenarios";

renewScenarios();
