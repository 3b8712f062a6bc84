import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { mailSniProvider } from "../../../lib/provider/mail-sni-provider";
import { type InProcessServer, serveInProcess } from "../../../lib/provider/protocol/serve";
import { ACME_PROVIDERS, acmeProviderStub } from "../../support/acme-provider-stub";
import { builtProvider } from "../../support/built-provider";
import {
  type Engine,
  type EngineOptions,
  runEngine,
  temporaryDirectory,
  type VendoredProvider,
  vendorProvider,
} from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { engineOfSuites, openTofu } from "../served/engine-choice";

const ADDRESS = "mail-sni.invalid/mail-sni/mailsni";
const ORDERS = "POST /order-plz";
const NAMES = ["a.test", "imap.a.test"];

type Json = Record<string, unknown>;

for (const choice of [engineOfSuites, openTofu]) {
  const title = choice === openTofu ? "OpenTofu" : "the usual engine";
  describeIf([choice.requirement, pebbleIsThere], `resources that ${title} takes over`, () => {
    vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
    let engine: Engine;
    let pebble: Pebble;
    let ours: InProcessServer;
    let theirs: InProcessServer;
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
    let keys: string;
    let provider: VendoredProvider;
    /** What another program has: an account and a certificate. */
    let left: { readonly account: Record<string, string>; readonly certificate: Record<string, string> };

    beforeAll(async () => {
      engine = choice.get();
      pebble = await Pebble.start({ badNonces: 0 });
      keys = mkdtempSync(join(tmpdir(), "keys-"));
      writeFileSync(join(keys, "ca.pem"), pebble.directoryCaPem);
      ours = await serveInProcess(mailSniProvider());
      theirs = await serveInProcess(acmeProviderStub());
    });
    beforeEach(async () => {
      directory = await temporaryDirectory();
      if (left === undefined) {
        await applied(declared());
        left = {
          account: attributes("mailsni_acme_account"),
          certificate: attributes("mailsni_acme_certificate"),
        };
        directory.remove();
        directory = await temporaryDirectory();
      }
      pebble.forgetRequests();
    });
    afterEach(() => directory.remove());
    afterAll(async () => {
      await Promise.all([ours?.close(), theirs?.close(), pebble?.stop()]);
      if (keys !== undefined) rmSync(keys, { recursive: true });
    });

    const acme = () => (engine.name === "tofu" ? ACME_PROVIDERS.tofu : ACME_PROVIDERS.terraform);
    const orders = () => pebble.requests.get(ORDERS) ?? 0;
    const statePath = () => join(directory.path, "terraform.tfstate");
    const ca = () => ({ directory_url: pebble.directoryUrl, directory_ca_pem: pebble.directoryCaPem });

    function attributes(type: string): Record<string, string> {
      const { resources } = JSON.parse(readFileSync(statePath(), "utf8"));
      return resources.find((one: { type: string }) => one.type === type)?.instances[0].attributes;
    }

    function declared(more: { readonly [block: string]: unknown } = {}, hosts: Json = {}): Json {
      return {
        terraform: {
          required_providers: { mailsni: { source: ADDRESS }, acme: { source: acme() } },
        },
        provider: {
          mailsni: { stack: "moved", hosts: { mx1: { root: dirname(pebble.web.directory), ...hosts } } },
        },
        resource: {
          mailsni_acme_account: { le: { ...ca(), terms_of_service_agreed: true } },
          mailsni_acme_certificate: {
            a: {
              ...ca(),
              account_url: "${mailsni_acme_account.le.url}",
              account_key_pem: "${mailsni_acme_account.le.private_key_pem}",
              names: NAMES,
              challenge: {
                webroot: `/${basename(pebble.web.directory)}`,
                dns_servers: [pebble.dnsServer],
              },
            },
          },
        },
        ...more,
      };
    }

    const environment = () => {
      const reattach = { ...JSON.parse(ours.reattach(ADDRESS)), ...JSON.parse(theirs.reattach(acme())) };
      return { env: { TF_REATTACH_PROVIDERS: JSON.stringify(reattach) } };
    };
    /** Without the other provider, and with ours as an engine starts it: it reads at its start which CAs are trusted. */
    const alone = (more: Json = {}): Json => ({
      ...declared(more),
      terraform: { required_providers: { mailsni: { source: ADDRESS, version: provider.version } } },
    });
    const trusting = () => ({ env: { NODE_EXTRA_CA_CERTS: join(keys, "ca.pem") } });
    async function installed(): Promise<void> {
      provider = await builtProvider();
      vendorProvider(directory.path, provider);
      writeFileSync(join(directory.path, "main.tf.json"), JSON.stringify(alone()));
      expect(await runEngine(engine, directory.path, ["init"])).toMatchObject({ exitCode: 0 });
    }
    async function applied(configuration: Json, options: EngineOptions = environment()): Promise<string> {
      writeFileSync(join(directory.path, "main.tf.json"), JSON.stringify(configuration));
      const { exitCode, output } = await runEngine(
        engine,
        directory.path,
        ["apply", "-auto-approve"],
        options,
      );
      expect(output).toContain("Apply complete");
      expect(exitCode).toBe(0);
      return output;
    }
    async function nothingIsLeft(configuration: Json, options: EngineOptions = environment()): Promise<void> {
      writeFileSync(join(directory.path, "main.tf.json"), JSON.stringify(configuration));
      const { exitCode, output } = await runEngine(
        engine,
        directory.path,
        ["plan", "-detailed-exitcode"],
        options,
      );
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    }
    function file(name: string, text: string): string {
      const path = join(keys, name);
      writeFileSync(path, text, { mode: 0o600 });
      chmodSync(path, 0o600);
      return path;
    }

    /** What `vancluever/acme` would have of the same account and certificate. */
    const others = (): Json => {
      const { account, certificate } = left;
      return {
        ...declared(),
        resource: {
          acme_registration: {
            le: { account_key_pem: account.private_key_pem, registration_url: account.url, id: account.url },
          },
          acme_certificate: {
            a: {
              account_key_pem: account.private_key_pem,
              common_name: NAMES[0],
              subject_alternative_names: NAMES.slice(1),
              certificate_url: new URL("/certZ/1", pebble.directoryUrl).href,
              certificate_pem: certificate.certificate_pem,
              issuer_pem: certificate.chain_pem,
              private_key_pem: certificate.private_key_pem,
              min_days_remaining: 30,
            },
          },
        },
      };
    };

    it("GIVEN resources of vancluever/acme WHEN they are moved THEN nothing is ordered, and nothing is left to do", async () => {
      await applied(others());
      const moved = [
        { from: "acme_registration.le", to: "mailsni_acme_account.le" },
        { from: "acme_certificate.a", to: "mailsni_acme_certificate.a" },
      ];
      const output = await applied(declared({ moved }));
      expect(output).toMatch(/0 added, 2 changed, 0 destroyed/);
      expect(orders()).toBe(0);
      expect(pebble.requests.get("POST /sign-me-up")).toBeUndefined();
      expect(attributes("mailsni_acme_account")).toMatchObject({
        url: left.account.url,
        private_key_pem: left.account.private_key_pem,
        directory_url: pebble.directoryUrl,
      });
      expect(attributes("mailsni_acme_certificate")).toMatchObject({
        certificate_pem: left.certificate.certificate_pem,
        chain_pem: left.certificate.chain_pem,
        private_key_pem: left.certificate.private_key_pem,
        renewal_information_id: left.certificate.renewal_information_id,
      });
      await nothingIsLeft(declared());
    });

    it("GIVEN a lost state WHEN account and certificate are imported by id THEN nothing is ordered", async () => {
      const account = file("account.pem", String(left.account.private_key_pem));
      const chain = file("chain.pem", `${left.certificate.certificate_pem}${left.certificate.chain_pem}`);
      const key = file("key.pem", String(left.certificate.private_key_pem));
      const url = pebble.directoryUrl;
      const blocks = [
        { to: "mailsni_acme_account.le", id: `${url},${account}` },
        { to: "mailsni_acme_certificate.a", id: `${url},${chain},${key}` },
      ];
      await installed();
      const output = await applied(alone({ import: blocks }), trusting());
      expect(output).toMatch(/2 imported, 0 added, \d changed, 0 destroyed/);
      expect(orders()).toBe(0);
      expect(attributes("mailsni_acme_account").url).toBe(left.account.url);
      expect(attributes("mailsni_acme_certificate").serial).toBe(left.certificate.serial);
      await nothingIsLeft(alone(), trusting());
    });

    it("GIVEN a lost state WHEN they are imported by identity THEN nothing is ordered, and an engine without identities refuses", async () => {
      const account = file("account.pem", String(left.account.private_key_pem));
      const chain = file("chain.pem", `${left.certificate.certificate_pem}${left.certificate.chain_pem}`);
      const key = file("key.pem", String(left.certificate.private_key_pem));
      const directory_url = pebble.directoryUrl;
      const blocks = [
        { to: "mailsni_acme_account.le", identity: { directory_url, key_file: account } },
        {
          to: "mailsni_acme_certificate.a",
          identity: { directory_url, certificate_file: chain, private_key_file: key },
        },
      ];
      await installed();
      if (!(await knowsIdentities(engine))) return expectRefused({ import: blocks });
      const output = await applied(alone({ import: blocks }), trusting());
      expect(output).toMatch(/2 imported, 0 added, \d changed, 0 destroyed/);
      expect(orders()).toBe(0);
      await nothingIsLeft(alone(), trusting());
    });

    async function expectRefused(more: Json): Promise<void> {
      writeFileSync(join(directory.path, "main.tf.json"), JSON.stringify(alone(more)));
      const { exitCode, output } = await runEngine(engine, directory.path, ["plan"], trusting());
      expect(exitCode).toBe(1);
      expect(output).toContain('No argument or block type is named "identity"');
      expect(orders()).toBe(0);
    }

    it("GIVEN a resource of another provider, or a broken state, WHEN it is moved THEN says why not", async () => {
      const broken = others() as { resource: { acme_certificate: { a: Json } } };
      broken.resource.acme_certificate.a.private_key_pem = left.account.private_key_pem;
      await applied(broken as Json);
      const moved = [{ from: "acme_certificate.a", to: "mailsni_acme_certificate.a" }];
      writeFileSync(join(directory.path, "main.tf.json"), JSON.stringify(declared({ moved })));
      const { exitCode, output } = await runEngine(engine, directory.path, ["plan"], environment());
      expect(exitCode).toBe(1);
      expect(output).toContain("does not belong to the certificate in certificate_pem");
      expect(output).not.toContain(String(left.account.private_key_pem).split("\n")[1]);
    });
  });
}

/** Both engines import by identity since their versions 1.12. */
async function knowsIdentities(engine: Engine): Promise<boolean> {
  const { stdout } = await runEngine(engine, tmpdir(), ["version", "-json"]);
  const [major, minor] = String(JSON.parse(stdout).terraform_version).split(".").map(Number);
  return Number(major) > 1 || Number(minor) >= 12;
}
