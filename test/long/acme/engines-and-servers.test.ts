import { acmeScenarios } from "../../e2e/acme/acme-scenarios";
import { dovecotServer, qmailServer } from "../../e2e/acme/mail-servers";
import { openTofu } from "../../e2e/served/engine-choice";

/** What `npm test` does with Terraform and Dovecot 2.3. */
acmeScenarios({ engine: openTofu });
acmeScenarios({ server: dovecotServer("2.4") });
acmeScenarios({ server: qmailServer });
