import { renewScenarios } from "../../e2e/renew/renew-scenarios";
import { openTofu } from "../../e2e/served/engine-choice";

/** What terraform.test.ts does with Terraform. */
renewScenarios(openTofu);
