import { acmeScenarios } from "./acme-scenarios";

acmeScenarios();
