import { realServerScenarios } from "../../e2e/verify/real-server-scenarios";
import { PostfixServer } from "../../support/postfix-server";
import { postfix } from "../../support/requirements";

realServerScenarios(postfix, "Postfix", () => PostfixServer.start());
