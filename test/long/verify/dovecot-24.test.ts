import { DovecotServer } from "../../e2e/verify/dovecot-server";
import { realServerScenarios } from "../../e2e/verify/real-server-scenarios";
import { dovecot24 } from "../../support/requirements";

realServerScenarios(dovecot24, "Dovecot 2.4", () => DovecotServer.start("2.4"));
