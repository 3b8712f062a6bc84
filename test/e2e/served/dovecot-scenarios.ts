import { afterAll, beforeAll } from "vitest";
import { Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { dovecot23, dovecot24 } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { DOMAINS, EXPECTED, EXPECTED_OF_WILDCARD, WILDCARD } from "./domains";
import { dovecotHost } from "./dovecot-host";
import { type Circumstances, engineOfSuites } from "./engine-choice";
import { locally, type Reached } from "./reach";
import { ServedHost } from "./served-host";
import { servedScenarios } from "./served-scenarios";

const domains = { ...DOMAINS, ...WILDCARD };
// Upper case makes no difference to Dovecot.
const expected = { ...EXPECTED, ...EXPECTED_OF_WILDCARD, "IMAP.Domain2.TLD": "domain2.tld" };

/** Who is presented what by a Dovecot that a stack configures. */
export function dovecotScenarios(
  version: DovecotVersion,
  { engine = engineOfSuites, reach = locally }: Circumstances = {},
): void {
  const dovecot = version === "2.3" ? dovecot23 : dovecot24;
  const needs = [dovecot, engine.requirement, ...reach.requirements];
  describeIf(needs, `Dovecot ${version} that a stack configures (${reach.name})`, () => {
    let server: Dovecot;
    let reached: Reached;
    let mail: ServedHost;

    beforeAll(async () => {
      server = await Dovecot.start({ version });
      reached = await reach.start();
      mail = await ServedHost.create({ engine: engine.get(), host: dovecotHost(server, reached) });
      await mail.deploy(domains);
    });

    afterAll(async () => {
      await server?.stop();
      await reached?.stop();
      mail?.project.remove();
    });

    servedScenarios(() => ({ mail, directory: server.path("mail-sni") }), { domains, expected });
  });
}
