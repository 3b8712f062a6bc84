import { realServerScenarios } from "../../e2e/verify/real-server-scenarios";
import { EximServer } from "../../support/exim-server";
import { exim } from "../../support/requirements";

realServerScenarios(exim, "Exim", () => EximServer.start());
