import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { AcmeIssuer, Challenge, HostNames } from "../../../lib";
import { fingerprintOf } from "../../../lib/shared/certificate-facts";
import { type Imported, imported, programOf } from "../../cli/import/support/imported";
import { Project } from "../../docs/support/project";
import { typeErrors } from "../../docs/support/type-check";
import { dovecotHost } from "../../e2e/served/dovecot-host";
import { engineOfSuites, openTofu } from "../../e2e/served/engine-choice";
import { type Domains, ServedHost } from "../../e2e/served/served-host";
import { Dovecot } from "../../support/dovecot";
import { dovecot23 } from "../../support/machine";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { type Left, orderedElsewhere } from "./ordered-elsewhere";
import { polled } from "./polled";

const DAY = 86_400_000;
const RELOAD = /SIGHUP received - reloading configuration/g;
const ORDERS = "POST /order-plz";
const NEW_ACCOUNTS = "POST /sign-me-up";

const namesOf = (domain: string) => [domain, `imap.${domain}`, `smtp.${domain}`];

interface StoredResource {
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly attributes: Record<string, unknown> }[];
}

const MOST_TO_IMPORT = 10;

/** With 300 it takes six minutes. */
const MANY = Number(process.env.MAIL_SNI_TAKEN_OVER ?? 60);

const SIZES = [
  { title: `${MANY} domains`, count: MANY, engine: engineOfSuites },
  { title: "a few domains, with the usual engine", count: 4, engine: engineOfSuites },
  { title: "a few domains, with OpenTofu", count: 4, engine: openTofu },
] as const;

for (const { title, count, engine } of SIZES) {
  describeIf([dovecot23, engine.requirement, pebbleIsThere], `taking over dehydrated with ${title}`, () => {
    vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });
    const domains = Array.from({ length: count }, (_, index) => `d${index + 1}.test`);
    let pebble: Pebble;
    let server: Dovecot;
    let mail: ServedHost;
    let left: Left;
    /** The directory that the earlier client's files are below, as an import sees the host. */
    let before: string;
    let stack: Imported;
    let adoption: { readonly account?: string; readonly certificate?: string; readonly privateKey?: string } =
      {};

    const there = (path: string) => join(before, path);
    const reloads = () => [...readFileSync(server.path("dovecot.log"), "utf8").matchAll(RELOAD)].length;
    const orders = () => pebble.requests.get(ORDERS) ?? 0;
    const expected = () =>
      new Map(
        [...left.certificates].flatMap(([domain, { fullChain }]) =>
          namesOf(domain).map((name) => [name, fingerprintOf(new X509Certificate(fullChain))] as const),
        ),
      );
    const declared = (more: Domains = {}): Domains => ({
      ...Object.fromEntries(domains.map((domain) => [domain, { names: HostNames.of(...namesOf(domain)) }])),
      ...more,
    });

    function write(path: string, text: string, mode = 0o644): void {
      mkdirSync(dirname(there(path)), { recursive: true });
      writeFileSync(there(path), text, { mode });
      chmodSync(there(path), mode);
    }

    function leave(
      domain: string,
      { fullChain, key }: { readonly fullChain: string; readonly key: string },
    ): void {
      write(`/etc/dehydrated/certs/${domain}/fullchain.pem`, fullChain);
      // As older clients have it.
      const sec1 = createPrivateKey(key).export({ format: "pem", type: "sec1" }).toString();
      write(`/etc/dehydrated/certs/${domain}/privkey.pem`, sec1, 0o600);
    }

    const blocks = (root: string) =>
      domains
        .map((domain) => {
          const directory = `${root}/etc/dehydrated/certs/${domain}`;
          const names = namesOf(domain).join(" ");
          return `local_name "${names}" {\n  ssl_cert = <${directory}/fullchain.pem\n  ssl_key = <${directory}/privkey.pem\n}\n`;
        })
        .join("");

    beforeAll(async () => {
      server = await Dovecot.start({ version: "2.3" });
      pebble = await Pebble.start({ badNonces: 0, webBelow: server.root });
      left = await orderedElsewhere(pebble, {
        names: new Map(domains.map((domain) => [domain, namesOf(domain)])),
      });
      before = mkdtempSync(join(server.root, tmpdir(), "before-"));
      chmodSync(before, 0o755);
      for (const [domain, pair] of left.certificates) leave(domain, pair);
      write("/etc/dehydrated/config", `CA="${pebble.directoryUrl}"\nWELLKNOWN=/var/www/dehydrated\n`);
      write(
        "/etc/dehydrated/domains.txt",
        domains.map((domain) => `${namesOf(domain).join(" ")}\n`).join(""),
      );
      const account = Buffer.from(`${pebble.directoryUrl}\n`).toString("base64url");
      write(`/etc/dehydrated/accounts/${account}/account_key.pem`, left.accountKey, 0o600);
      write(
        "/etc/dovecot/dovecot.conf",
        `ssl_cert = </etc/dehydrated/certs/d1.test/fullchain.pem\nssl_key = </etc/dehydrated/certs/d1.test/privkey.pem\n${blocks("")}`,
      );
      writeFileSync(server.path("conf.d/20-before.conf"), blocks(`/${relative(server.root, before)}`));
      await server.reload();
      mail = await ServedHost.create({
        engine: engine.get(),
        host: dovecotHost(server),
        issuer: (stack) =>
          AcmeIssuer.directory(stack, "pebble", pebble.directoryUrl, {
            challenge: Challenge.httpWebroot(`/${relative(server.root, pebble.web.directory)}`, {
              dnsServers: [pebble.dnsServer],
            }),
            caCertificate: pebble.directoryCaPem,
            ...(adoption.account !== undefined && {
              adoptAccountKey: adoption.account,
              adoptFrom: {
                certificate: String(adoption.certificate),
                privateKey: String(adoption.privateKey),
              },
            }),
          }),
      });
    });
    afterAll(async () => {
      await server?.stop();
      await pebble?.stop();
      mail?.project.remove();
      if (before !== undefined) rmSync(before, { recursive: true, force: true });
    });

    const whilePolled = <T>(work: () => Promise<T>) =>
      polled({ host: "127.0.0.1", port: server.ports.imaps }, expected(), work);

    it("WHEN it is imported THEN the printed stack names its files and its account", async () => {
      stack = await imported(["--root", before, "--no-dns"]);
      expect(stack.domains).toHaveLength(count);
      expect(stack.findings.filter(({ code }) => code === "certificate-ordered")).toEqual([]);
      expect(typeErrors([programOf(stack.stack)])).toEqual([]);
      const project = new Project({});
      const [{ resource }] = Object.values(project.run(programOf(stack.stack)).stacks) as never as [
        { resource: Record<string, Record<string, Record<string, string>>> },
      ];
      project.remove();
      const certificate = resource.mailsni_acme_certificate?.c_d2_test;
      adoption = {
        account: Object.values(resource.mailsni_acme_account ?? {})[0]?.adopt_key_file,
        certificate: certificate?.adopt_certificate_file?.replaceAll("d2.test", "{domain}"),
        privateKey: certificate?.adopt_private_key_file?.replaceAll("d2.test", "{domain}"),
      };
      expect(adoption.certificate).toBe(there("/etc/dehydrated/certs/{domain}/fullchain.pem"));
    });

    it("WHEN the stack is deployed THEN nothing is ordered, and no client is presented another certificate", async () => {
      pebble.forgetRequests();
      const { result, wrong, asked } = await whilePolled(() => mail.deploy(declared()));
      expect(result.messages.filter(({ severity }) => severity === "Warning")).toEqual([]);
      expect(wrong).toEqual([]);
      expect(asked).toBeGreaterThan(10);
      expect(orders()).toBe(0);
      expect(pebble.requests.get(NEW_ACCOUNTS)).toBe(1);
      const state = readFileSync(join(mail.project.directory, "terraform.tfstate"), "utf8");
      const { resources } = JSON.parse(state);
      const [{ instances }] = resources.filter(
        ({ type }: { type: string }) => type === "mailsni_acme_account",
      );
      expect(instances[0].attributes).toMatchObject({ private_key_pem: left.accountKey });
      expect(instances[0].attributes.adopted_url).toBe(instances[0].attributes.url);
    });

    it("THEN nothing is left to do, and another deploy does not reload the server", async () => {
      const reloadsBefore = reloads();
      expect((await mail.project.plan()).exitCode).toBe(0);
      await mail.apply();
      expect(reloads()).toBe(reloadsBefore);
    });

    it("WHEN the earlier client's blocks and files are gone THEN every name is served, and nothing is planned", async () => {
      rmSync(server.path("conf.d/20-before.conf"));
      await server.reload();
      rmSync(before, { recursive: true });
      const { wrong } = await whilePolled(() => delay(2_000));
      expect(wrong).toEqual([]);
      expect((await mail.project.plan()).exitCode).toBe(0);
      adoption = {};
      mail.declare(declared());
      expect((await mail.project.plan()).exitCode).toBe(0);
    });

    it("WHEN the CA wants one renewed THEN the adopted account orders it, and says what it replaces", async () => {
      pebble.forgetRequests();
      const now = Date.now();
      const { fullChain } = left.certificates.get("d2.test") as { fullChain: string };
      await pebble.suggestRenewal(fullChain, new Date(now - DAY), new Date(now - DAY / 2));
      const { changes } = await mail.deploy(declared());
      expect(Object.keys(changes).sort()).toEqual([
        "mailsni_acme_certificate.c_d2_test",
        "mailsni_host_files.d_d2_test__mx1",
      ]);
      expect(orders()).toBe(1);
      expect(pebble.log).toContain("has been marked as replaced");
    });

    // Each import is a run of the engine.
    if (count <= MOST_TO_IMPORT)
      it("WHEN the state is lost THEN all is imported, without an order, a write or a reload", async () => {
        const stateFile = join(mail.project.directory, "terraform.tfstate");
        const lost = JSON.parse(readFileSync(stateFile, "utf8")) as { resources: StoredResource[] };
        rmSync(stateFile);
        const trusted = join(mail.project.directory, "ca.pem");
        const account = join(mail.project.directory, "account.pem");
        writeFileSync(trusted, pebble.directoryCaPem);
        writeFileSync(account, left.accountKey, { mode: 0o600 });
        const options = { env: { NODE_EXTRA_CA_CERTS: trusted } };
        const ids: Record<string, (name: string) => string> = {
          mailsni_state_identity: () =>
            String(
              lost.resources.find(({ type }) => type === "mailsni_state_identity")?.instances[0]?.attributes
                .id,
            ),
          mailsni_acme_account: () => `${pebble.directoryUrl},${account}`,
          mailsni_acme_certificate: (name) => {
            const pem = server.path(`mail-sni/${domainIn(name)}.pem`);
            return `${pebble.directoryUrl},${pem},${pem}`;
          },
          mailsni_host_files: (name) =>
            `mx1/${name.startsWith("d_") ? domainIn(name) : name.replace("__mx1", "")}`,
        };
        for (const { type, name } of lost.resources) {
          const id = ids[type];
          if (id !== undefined) await mail.project.import(`${type}.${name}`, id(name), options);
        }
        pebble.forgetRequests();
        const [reloadsBefore, written] = [reloads(), writtenAt()];
        const { changes, messages } = await mail.deploy(declared());
        // A private CA, which every stack of these tests has besides, cannot be imported.
        const created = Object.entries(changes).filter(([, change]) => change !== "update");
        expect(created).toEqual([["mailsni_private_ca.ca_rsa", "create"]]);
        expect(messages.filter(({ severity }) => severity !== "Warning")).toEqual([]);
        expect(orders()).toBe(0);
        expect(reloads()).toBe(reloadsBefore);
        expect(writtenAt()).toEqual(written);
        expect((await mail.project.plan()).exitCode).toBe(0);
      });

    const domainIn = (name: string) =>
      name
        .replace(/^[cd]_/, "")
        .replace(/__mx1$/, "")
        .replaceAll("_", ".");
    const writtenAt = () => domains.map((domain) => statSync(server.path(`mail-sni/${domain}.pem`)).mtimeMs);
  });
}
