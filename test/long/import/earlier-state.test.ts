import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type InProcessServer, serveInProcess } from "../../../lib/provider/protocol/serve";
import { about, type Imported } from "../../cli/import/support/imported";
import { engineOfSuites, openTofu } from "../../e2e/served/engine-choice";
import { ACME_PROVIDERS, acmeProviderStub } from "../../support/acme-provider-stub";
import { ownNetworks } from "../../support/cuttable-network";
import { type Engine, runEngine } from "../../support/engine";
import { dovecot23, sshd } from "../../support/machine";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { ClientHost, fingerprintIn, namesOf } from "./client-host";
import { legoTree } from "./client-trees";
import { type Left, orderedElsewhere } from "./ordered-elsewhere";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const DOMAINS = ["domain1.test", "domain2.test"];
const GONE = "gone.test";
const NEW_ACCOUNTS = "POST /sign-me-up";

for (const choice of [engineOfSuites, openTofu]) {
  const title = choice === openTofu ? "OpenTofu" : "the usual engine";
  describeIf(
    [dovecot23, choice.requirement, pebbleIsThere, sshd, ownNetworks],
    `a stack with a stand-in for vancluever/acme that ${title} has deployed`,
    () => {
      let engine: Engine;
      let directory: string;
      let host: ClientHost;
      let left: Left;
      let acme: InProcessServer;
      let stack: Imported;

      const address = () => ACME_PROVIDERS[engine.name];
      const reattached = () => ({ TF_REATTACH_PROVIDERS: acme.reattach(address()) });
      const earlier = () => join(directory, "earlier.tfstate");
      const typesInState = (): string[] =>
        JSON.parse(readFileSync(earlier(), "utf8")).resources.map(({ type }: { type: string }) => type);
      async function succeed(...args: readonly string[]): Promise<string> {
        const { exitCode, stdout, output } = await runEngine(engine, directory, args, { env: reattached() });
        if (exitCode !== 0) throw new Error(output);
        return stdout;
      }

      /** What the earlier stack has in its state: an account, and a certificate of each domain. */
      function resources() {
        const { origin } = new URL(host.pebble.directoryUrl);
        const certificate = (domain: string, number: number) => {
          const { fullChain, key } = left.certificates.get(domain) as { fullChain: string; key: string };
          const [leaf = "", ...chain] = fullChain.split(/(?<=-----END CERTIFICATE-----\n)/);
          return {
            account_key_pem: left.accountKey,
            common_name: domain,
            subject_alternative_names: namesOf(domain).slice(1),
            certificate_url: `${origin}/certZ/${number}`,
            certificate_pem: leaf,
            issuer_pem: chain.join(""),
            private_key_pem: key,
          };
        };
        return {
          acme_registration: {
            account: { account_key_pem: left.accountKey, registration_url: left.accountUrl },
          },
          acme_certificate: Object.fromEntries(
            [...DOMAINS, GONE].map((domain, number) => [
              domain.replace(".", "_"),
              certificate(domain, number),
            ]),
          ),
        };
      }

      beforeAll(async () => {
        engine = choice.get();
        directory = mkdtempSync(join(tmpdir(), "mail-sni-earlier-"));
        acme = await serveInProcess(acmeProviderStub());
        // No client of a CA is on the host: its tree is not written.
        host = await ClientHost.start(legoTree, engine);
        left = await orderedElsewhere(host.pebble, {
          names: new Map([...DOMAINS, GONE].map((domain) => [domain, namesOf(domain)])),
        });
        const blocks = DOMAINS.map((domain) => {
          const { fullChain, key } = left.certificates.get(domain) as { fullChain: string; key: string };
          const [certificate, keyFile] = [`/etc/ssl/mail/${domain}.pem`, `/etc/ssl/mail/${domain}.key`];
          host.machine.write(certificate, fullChain);
          host.machine.write(keyFile, key, 0o600);
          return { names: namesOf(domain), certificate, key: keyFile };
        });
        await host.startDovecot(blocks);
        const main = {
          terraform: { required_providers: { acme: { source: address() } } },
          resource: resources(),
        };
        writeFileSync(join(directory, "main.tf.json"), JSON.stringify(main));
        await succeed("init");
        await succeed("apply", "-auto-approve");
      });
      afterAll(async () => {
        await host?.stop();
        await acme?.close();
        rmSync(directory, { recursive: true, force: true });
      });

      it("WHEN its state is pulled and given to import THEN the program moves what it declares, and asks the same CA", async () => {
        writeFileSync(earlier(), await succeed("state", "pull"), { mode: 0o600 });
        stack = await host.import("--state", earlier());
        expect(stack.domains.map(({ domain }) => domain)).toEqual(DOMAINS);
        const guess = new URL("/directory", host.pebble.directoryUrl).href;
        expect(about(stack, "ca-unknown", guess)).toMatchObject([{ state: "decision" }]);
        expect(stack.stack).toContain(
          '{ from: "acme_certificate.domain1_test", to: "mailsni_acme_certificate.c_domain1_test" }',
        );
        expect(stack.stack).toContain(
          '{ from: "acme_certificate.gone_test", lifecycle: [{ destroy: false }] }',
        );
        expect(stack.stack).not.toContain("orders a new certificate");
        host.project.synth(host.decided(stack));
      });

      it("WHEN the printed program is deployed THEN nothing is ordered, no account is made, and names keep their certificates", async () => {
        host.pebble.forgetRequests();
        const expected = new Map(
          DOMAINS.flatMap((domain) =>
            namesOf(domain).map(
              (name) => [name, fingerprintIn(left.certificates.get(domain)?.fullChain ?? "")] as const,
            ),
          ),
        );
        const { result, wrong } = await host.polled(expected, () => host.project.apply(reattached()));
        expect([result.errors, wrong, host.orders]).toEqual([[], [], 0]);
        expect(host.pebble.requests.get(NEW_ACCOUNTS)).toBeUndefined();
        expect(Object.values(result.changes)).not.toContain("delete");
        for (const [name, fingerprint] of expected)
          expect((await host.presented(name)).fingerprint, name).toBe(fingerprint);
      });

      it("THEN the state has nothing of the earlier provider, and the program needs neither it nor the blocks", async () => {
        expect(typesInState().filter((type) => !type.startsWith("mailsni_"))).toEqual([]);
        expect(typesInState().filter((type) => type === "mailsni_acme_certificate")).toHaveLength(
          DOMAINS.length,
        );
        const without = host
          .decided(stack)
          .replace(/stack\.addOverride\("(?:moved|removed)", \[[\s\S]*?^\]\);$/gm, "");
        expect(without).not.toContain("acme_registration");
        host.project.synth(without);
        // The CA's renewal date is asked for only now: an output, and no resource.
        const { errors, changes } = await host.project.plan();
        expect([errors, changes]).toEqual([[], {}]);
      });
    },
  );
}
