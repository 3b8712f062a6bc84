import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import * as x509 from "@peculiar/x509";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { AcmeDirectories } from "../../../../lib/provider/acme/directories";
import { Hosts } from "../../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../../lib/provider/resources/acme-certificate";
import { generateKey, privateKeyPem } from "../../../../lib/provider/x509/key-algorithm";
import { acmeTimeouts } from "../../../support/acme-timeouts";
import { issue } from "../../../support/certificates";
import { Pebble } from "../../../support/pebble";
import { describeIf, OTHER_UID, pebble as pebbleIsThere, root } from "../../../support/requirements";
import { ResourceLifecycle, type Values } from "../../../support/resource-lifecycle";
import { certificateValues, directoryOf } from "../support/acme-values";

const DAY = 86_400_000;

describeIf(pebbleIsThere, "adoption by mailsni_acme_certificate", () => {
  let pebble: Pebble;
  let directories: AcmeDirectories;
  let hosts: Hosts;
  let account: Values;
  let directory: string;
  /** A certificate of the CA, as another client has left it. */
  let left: Values;

  beforeAll(async () => {
    pebble = await Pebble.start({ badNonces: 0 });
    directories = new AcmeDirectories(acmeTimeouts());
    const mx1 = {
      name: "mx1",
      root: dirname(pebble.web.directory),
      stateDirectory: "/state",
      applyOwnership: false,
      services: new Map(),
    };
    hosts = new Hosts("mail", new Map([["mx1", mx1]]));
    account = (await newAccount().apply(ca({ terms_of_service_agreed: true }))).state as Values;
    left = (await lifecycle().apply(config())).state as Values;
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "adopt-"));
    pebble.forgetRequests();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  afterAll(async () => {
    await hosts.close();
    directories.close();
    await pebble.stop();
  });

  const ca = (more: Values): Values => ({ ...directoryOf(pebble), ...more });
  const config = (more: Values = {}): Values =>
    certificateValues(pebble, account, ["left.test", "imap.left.test"], more);
  const newAccount = () => new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
  const lifecycle = () => new ResourceLifecycle(acmeCertificate(directories, new KeyPassphrases()), hosts);
  const orders = () => pebble.requests.get("POST /order-plz") ?? 0;
  const fullChain = ({ certificate_pem: leaf, chain_pem: chain }: Values) =>
    `${String(leaf)}${String(chain)}`;

  function file(name: string, contents: string, mode = 0o600): string {
    const path = join(directory, name);
    writeFileSync(path, contents, { mode });
    chmodSync(path, mode);
    return path;
  }

  const files = (
    certificate = fullChain(left),
    key = String(left.private_key_pem),
    mode = 0o600,
  ): Values => ({
    adopt_certificate_file: file("fullchain.pem", certificate, 0o644),
    adopt_private_key_file: file("privkey.pem", key, mode),
  });

  /** What the warning says about a certificate that was ordered, because that of the files was not adopted. */
  async function refusal(of: Values): Promise<string> {
    const certificate = lifecycle();
    const { state, diagnostics } = await certificate.apply(config(of));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatch(/^warning The certificate for left\.test was not adopted: /);
    expect(state?.serial).not.toBe(left.serial);
    expect(orders()).toBe(1);
    return String(diagnostics[0]);
  }

  it("GIVEN a certificate of the CA, WHEN the resource is created, THEN takes it with its key and orders nothing", async () => {
    const certificate = lifecycle();
    expect((await certificate.apply(config(files()))).diagnostics).toEqual([]);
    expect(orders()).toBe(0);
    const { ordered_by, ...others } = certificate.state as Values;
    expect(ordered_by).toBeNull();
    expect(others).toEqual({ ...left, ordered_by: undefined });
  });

  it("GIVEN an adopted certificate, WHEN its files and their attributes are gone, THEN nothing is planned", async () => {
    const certificate = lifecycle();
    await certificate.apply(config(files()));
    rmSync(directory, { recursive: true });
    const gone = { adopt_certificate_file: "/nowhere/a", adopt_private_key_file: "/nowhere/b" };
    expect(await certificate.plan(config(gone))).toMatchObject({ action: "no-op", diagnostics: [] });
    expect(await certificate.plan(config())).toMatchObject({ action: "no-op", diagnostics: [] });
  });

  it("GIVEN links as certbot makes them and a key in the older format, WHEN created, THEN follows them", async () => {
    const sec1 = createPrivateKey(String(left.private_key_pem))
      .export({ format: "pem", type: "sec1" })
      .toString();
    const all = files(fullChain(left), sec1);
    mkdirSync(join(directory, "live"));
    const live = Object.fromEntries(
      Object.entries(all).map(([name, path]) => {
        const link = join(directory, "live", name);
        symlinkSync(`../${basename(String(path))}`, link);
        return [name, link];
      }),
    );
    const certificate = lifecycle();
    expect((await certificate.apply(config(live))).diagnostics).toEqual([]);
    expect(orders()).toBe(0);
    expect(certificate.state?.private_key_pem).toBe(left.private_key_pem);
  });

  it("GIVEN DNS that does not answer, WHEN created, THEN takes what has the optional names, and orders nothing", async () => {
    const { challenge } = config() as { challenge: Values };
    const unanswered = {
      names: ["left.test"],
      optional_names: ["imap.left.test"],
      challenge: { ...challenge, dns_servers: ["127.0.0.1:1"] },
    } as unknown as Values;
    const certificate = lifecycle();
    expect((await certificate.apply(config({ ...unanswered, ...files() }))).diagnostics).toEqual([]);
    expect(certificate.state?.serial).toBe(left.serial);
    const { diagnostics } = await lifecycle().apply(config({ ...unanswered, ...files("no certificate") }));
    expect(diagnostics.join()).toMatch(/could not be determined: DNS could not be queried for left\.test/);
    expect(orders()).toBe(0);
  });

  it("GIVEN an account that was adopted, WHEN the certificate is renewed, THEN the order says what it replaces", async () => {
    for (const adopt_ordered_by of [null, String(account.url)]) {
      const source = (await lifecycle().apply(config())).state as Values;
      const certificate = lifecycle();
      await certificate.apply(
        config({ ...files(fullChain(source), String(source.private_key_pem)), adopt_ordered_by }),
      );
      expect(certificate.state?.ordered_by).toBe(adopt_ordered_by);
      const before = pebble.log.split("has been marked as replaced").length;
      await certificate.apply(config({ reissue: `for ${adopt_ordered_by}` }));
      expect(certificate.state).toMatchObject({ ordered_by: account.url });
      const replaced = pebble.log.split("has been marked as replaced").length - before;
      expect(replaced).toBe(adopt_ordered_by === null ? 0 : 1);
    }
  });

  it("GIVEN a certificate that does not fit, WHEN created, THEN orders one and says why", async () => {
    expect(await refusal({ ...files(), names: ["left.test", "smtp.left.test"] })).toContain("smtp.left.test");
    pebble.forgetRequests();
    expect(await refusal({ ...files(), names: ["left.test"] })).toContain(
      "is for other names than the configuration",
    );
    pebble.forgetRequests();
    expect(await refusal({ ...files(), key_algorithm: "RSA-2048" })).toContain("ECDSA-P256");
    pebble.forgetRequests();
    const elsewhere = await lifecycle().apply(config({ ...files(), preferred_chain: "ISRG Root X1" }));
    expect(elsewhere.diagnostics[0]).toContain('was not issued by "ISRG Root X1"');
    expect(elsewhere.state?.serial).not.toBe(left.serial);
  });

  it("GIVEN a certificate that is due, WHEN created, THEN orders another", async () => {
    const due = (await lifecycle().apply(config())).state as Values;
    pebble.forgetRequests();
    await pebble.suggestRenewal(fullChain(due), new Date(Date.now() - DAY), new Date(Date.now() - DAY / 2));
    expect(await refusal(files(fullChain(due), String(due.private_key_pem)))).toContain(
      "is due for renewal since",
    );
  });

  it("GIVEN a certificate of another CA with the same names, WHEN created, THEN orders one here", async () => {
    const root = await issue({ subject: "CN=Another CA", ca: true });
    const dnsNames = ["left.test", "imap.left.test"];
    const extensions = [await x509.AuthorityKeyIdentifierExtension.create(root.certificate.publicKey)];
    const notAfter = new Date(Date.now() + 60 * DAY);
    const other = await issue({ issuer: root, dnsNames, notAfter, extensions });
    expect(await refusal(files(other.pem, other.keyPem))).toContain("The CA did not issue");
  });

  it("GIVEN the key of another certificate, WHEN created, THEN refuses the pair", async () => {
    const stranger = privateKeyPem(await generateKey("ECDSA-P256"));
    const said = await refusal(files(fullChain(left), stranger));
    expect(said).toContain("fullchain.pem");
    expect(said).not.toContain(stranger.split("\n")[1]);
  });

  it("GIVEN files that are planted, open, huge or no files, WHEN created, THEN reads none and says what is wrong", async () => {
    const cases: [string, () => Values][] = [
      ["does not exist", () => ({ ...files(), adopt_private_key_file: join(directory, "none") })],
      ["Every user can read", () => files(fullChain(left), String(left.private_key_pem), 0o644)],
      ["Other users can write", () => files(fullChain(left), String(left.private_key_pem), 0o620)],
      ["is not a regular file", () => ({ ...files(), adopt_private_key_file: directory })],
      ["contains no private key", () => files(fullChain(left), "root:*:19000::::::\n")],
      ["contains no certificate", () => files("nothing\n")],
      ["more than one private key", () => files(fullChain(left), String(left.private_key_pem).repeat(2))],
    ];
    for (const [words, of] of cases) {
      pebble.forgetRequests();
      expect(await refusal(of())).toContain(words);
    }
    pebble.forgetRequests();
    const pipe = join(directory, "pipe");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    expect(await refusal({ ...files(), adopt_private_key_file: pipe })).toContain("is not a regular file");
    pebble.forgetRequests();
    expect(await refusal({ ...files(), adopt_certificate_file: "/dev/zero" })).toContain(
      "is not a regular file",
    );
    pebble.forgetRequests();
    const huge = files();
    truncateSync(String(huge.adopt_private_key_file), 2 ** 31);
    expect(await refusal(huge)).toContain("is larger than");
  });

  describeIf(root, "a key of another user", () => {
    it("WHEN created, THEN orders instead and says whose it is", async () => {
      const planted = files();
      chownSync(String(planted.adopt_private_key_file), OTHER_UID, OTHER_UID);
      expect(await refusal(planted)).toContain("belongs to another user");
    });
  });

  it("GIVEN a CA that cannot be asked, WHEN created, THEN fails and leaves the order to a later run", async () => {
    const of = config(files());
    await pebble.gate.close();
    try {
      const { state, diagnostics } = await lifecycle().apply(of);
      expect(state).toBeNull();
      expect(diagnostics).toHaveLength(1);
      expect(diagnostics[0]).toMatch(/^error /);
    } finally {
      await pebble.gate.reopen();
    }
  });

  it("GIVEN a configuration that cannot be meant, WHEN it is validated, THEN refuses it", async () => {
    expect(await lifecycle().validate(config({ adopt_certificate_file: "a.pem" }))).toHaveLength(1);
    expect(
      await lifecycle().validate(config({ adopt_certificate_file: "a\n", adopt_private_key_file: "" })),
    ).toHaveLength(2);
  });

  it("GIVEN the key of an account as other clients leave it, WHEN created, THEN is that account", async () => {
    for (const algorithm of ["ECDSA-P256", "RSA-2048"] as const) {
      const key = await generateKey(algorithm);
      const own = newAccount();
      await own.apply(ca({ terms_of_service_agreed: true, account_key_pem: privateKeyPem(key) }));
      expect(own.state?.adopted_url).toBeNull();
      const forms = {
        "account_key.pem": privateKeyPem(key),
        "private_key.json": JSON.stringify(key.export({ format: "jwk" })),
        "account.key": key
          .export({ format: "pem", type: algorithm === "RSA-2048" ? "pkcs1" : "sec1" } as never)
          .toString(),
      };
      for (const [name, text] of Object.entries(forms)) {
        const adopting = newAccount();
        const of = ca({ terms_of_service_agreed: true, adopt_key_file: file(name, text) });
        expect((await adopting.apply(of)).diagnostics).toEqual([]);
        expect(adopting.state).toMatchObject({
          url: own.state?.url,
          adopted_url: own.state?.url,
          private_key_pem: privateKeyPem(key),
          key_thumbprint: own.state?.key_thumbprint,
          adopt_key_file: null,
        });
        const without = ca({ terms_of_service_agreed: true });
        expect(await adopting.plan(without)).toMatchObject({ action: "no-op" });
      }
    }
  });

  it("GIVEN a key file that is no account's, WHEN created, THEN creates another account and says why", async () => {
    const unknown = privateKeyPem(await generateKey("ECDSA-P256"));
    const cases = {
      "neither a PEM nor a JSON Web Key": file("a.json", '{"kty":"RSA","n":"AQAB"}'),
      "contains no private key": file("b.pem", "x"),
      "Every user can read": file("c.pem", unknown, 0o644),
      "had no account for the key": file("d.pem", unknown),
    };
    for (const [words, adopt_key_file] of Object.entries(cases)) {
      const created = newAccount();
      const { diagnostics } = await created.apply(ca({ terms_of_service_agreed: true, adopt_key_file }));
      expect(diagnostics).toHaveLength(1);
      expect(diagnostics[0]).toMatch(/^warning The account was not adopted: /);
      expect(diagnostics[0]).toContain(words);
      expect(created.state).toMatchObject({ adopted_url: null });
    }
  });
});
