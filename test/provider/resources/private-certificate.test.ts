import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import { privateCa } from "../../../lib/provider/resources/private-ca";
import { privateCertificate } from "../../../lib/provider/resources/private-certificate";
import { KEY_ALGORITHMS } from "../../../lib/provider/x509/key-algorithm";
import { inspectCombinedPem } from "../../../lib/shared/combined-pem";
import { parseHostName } from "../../../lib/shared/host-name";
import { issue } from "../../support/certificates";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

const HOUR = 3_600_000;
const START = new Date("2026-03-01T12:00:00Z");
const NAMES = ["domain1.tld", "imap.domain1.tld"];

/** A file of the certificate and of the CA, for OpenSSL. */
const directory = mkdtempSync(join(tmpdir(), "mail-sni-test-"));

/** What a configuration says about its CA. */
let ca: { ca_certificate_pem: string; ca_private_key_pem: string };
let otherCa: typeof ca;

async function newCa(config: Values = {}): Promise<typeof ca> {
  const lifecycle = new ResourceLifecycle(privateCa(new KeyPassphrases()));
  const { state } = await lifecycle.apply(config);
  return {
    ca_certificate_pem: String(state?.certificate_pem),
    ca_private_key_pem: String(state?.private_key_pem),
  };
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  [ca, otherCa] = [await newCa({ common_name: "First" }), await newCa({ common_name: "Second" })];
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(() => rmSync(directory, { recursive: true }));

const later = (hours: number) => vi.setSystemTime(+START + hours * HOUR);

async function created(config: Values = {}): Promise<ResourceLifecycle> {
  const certificate = new ResourceLifecycle(privateCertificate(new KeyPassphrases()));
  expect(await certificate.apply({ ...ca, names: NAMES, ...config })).toMatchObject({ diagnostics: [] });
  return certificate;
}

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, {
    encoding: "utf8",
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function write(state: Values | null): void {
  writeFileSync(join(directory, "leaf.pem"), String(state?.certificate_pem));
  writeFileSync(join(directory, "ca.pem"), String(state?.chain_pem));
}

describe("reuse_key", () => {
  const keyOf = ({ state }: ResourceLifecycle) => String(state?.private_key_pem);

  it("GIVEN a renewal, or other names THEN the key stays, and a plan knows it", async () => {
    const config = { ...ca, names: NAMES, reuse_key: true };
    const certificate = await created({ reuse_key: true });
    const [key, leaf] = [keyOf(certificate), certificate.state?.certificate_pem];
    later(1500);
    await certificate.read();
    const plan = await certificate.plan(config);
    expect(plan.unknown).toContain("certificate_pem");
    expect(plan.planned).toMatchObject({ private_key_pem: key, spki_sha256: certificate.state?.spki_sha256 });
    expect((await certificate.apply(config)).diagnostics).toEqual([]);
    expect(certificate.state?.certificate_pem).not.toBe(leaf);
    expect(keyOf(certificate)).toBe(key);
    await certificate.apply({ ...config, names: [...NAMES, "pop3.domain1.tld"] });
    expect(keyOf(certificate)).toBe(key);
    const pem = [key, certificate.state?.certificate_pem, certificate.state?.chain_pem].map(String).join("");
    const names = [parseHostName("pop3.domain1.tld")];
    expect(inspectCombinedPem(pem, { names, at: new Date() }).ok).toBe(true);
  });

  it("GIVEN another kind of key THEN there is a new one all the same", async () => {
    const certificate = await created({ reuse_key: true });
    const key = keyOf(certificate);
    await certificate.apply({ ...ca, names: NAMES, reuse_key: true, key_algorithm: "ECDSA-P384" });
    expect(keyOf(certificate)).not.toBe(key);
    expect(
      (await certificate.plan({ ...ca, names: NAMES, reuse_key: true, key_algorithm: "ECDSA-P384" })).action,
    ).toBe("no-op");
  });

  it("GIVEN reuse_key is changed THEN nothing is reissued; without it a renewal has a new key", async () => {
    const certificate = await created();
    const key = keyOf(certificate);
    const config = { ...ca, names: NAMES };
    const { unknown } = await certificate.plan({ ...config, reuse_key: true });
    expect(unknown).toEqual([]);
    await certificate.apply({ ...config, reuse_key: true });
    expect(certificate.state).toMatchObject({ private_key_pem: key, reuse_key: true });
    await certificate.apply(config);
    later(1500);
    await certificate.read();
    await certificate.apply(config);
    expect(keyOf(certificate)).not.toBe(key);
  });

  it("GIVEN a key that is encrypted THEN it stays so", async () => {
    const passphrases = new KeyPassphrases("a passphrase of the tests");
    const certificate = new ResourceLifecycle(privateCertificate(passphrases));
    const config = { ...ca, names: NAMES, reuse_key: true };
    await certificate.apply(config);
    const key = keyOf(certificate);
    later(1500);
    await certificate.read();
    expect((await certificate.apply(config)).diagnostics).toEqual([]);
    expect(keyOf(certificate)).toBe(key);
    expect(key).toContain("ENCRYPTED");
  });
});

describe("mailsni_private_certificate", () => {
  it("GIVEN a create THEN OpenSSL accepts it strictly for each of its names", async () => {
    const { state } = await created({ names: ["domain1.tld", "*.Domain1.tld", "BÜCHER.example."] });
    write(state);
    const at = String(+START / 1000);
    for (const name of ["domain1.tld", "imap.domain1.tld", "xn--bcher-kva.example"]) {
      const verify = [
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-attime",
        at,
        "-verify_hostname",
        name,
      ];
      expect(openssl(...verify, "-CAfile", "ca.pem", "leaf.pem")).toContain("leaf.pem: OK");
    }
    const text = openssl("x509", "-in", "leaf.pem", "-noout", "-text");
    expect(text).toContain("Subject: CN = domain1.tld\n");
    expect(text).toContain("Issuer: CN = First\n");
    expect(text).toContain("X509v3 Basic Constraints: critical\n                CA:FALSE");
    expect(text).toContain("X509v3 Key Usage: critical\n                Digital Signature\n");
    expect(text).toContain("TLS Web Server Authentication\n");
    expect(text).toContain("DNS:domain1.tld, DNS:*.domain1.tld, DNS:xn--bcher-kva.example\n");
    const identifier = (kind: string, of: string) =>
      new RegExp(`${kind} Key Identifier: \n *(\\S+)`).exec(of)?.[1];
    const caText = openssl("x509", "-in", "ca.pem", "-noout", "-text");
    expect(identifier("Authority", text)).toBe(identifier("Subject", caText));
    expect(identifier("Subject", text)).toMatch(/^[0-9A-F:]{59}$/);
  });

  it("GIVEN a create THEN key, leaf and chain make the PEM that a mail server wants", async () => {
    const { state } = await created();
    const inspection = inspectCombinedPem(
      [state?.private_key_pem, state?.certificate_pem, state?.chain_pem].map(String).join(""),
      {
        names: NAMES.map(parseHostName),
        at: START,
      },
    );
    expect(inspection).toMatchObject({ ok: true, warnings: [] });
    if (!inspection.ok) return;
    const { leaf } = inspection.certificate;
    expect(state).toMatchObject({
      names: NAMES,
      ca_private_key_pem: null,
      fingerprint_sha256: leaf.fingerprintSha256,
      serial: leaf.serial,
      spki_sha256: leaf.spkiSha256,
      not_before: "2026-03-01T11:55:00Z",
      not_after: "2026-05-30T12:00:00Z",
      renew_at: "2026-04-30T12:00:00Z",
      renewal_due: false,
      validity_hours: 2160,
      renew_before_hours: 720,
      key_algorithm: "ECDSA-P256",
    });
    expect(state?.serial).toMatch(/^[4-7][0-9a-f]{31}$/);
  });

  it.each(KEY_ALGORITHMS.slice(0, 3))(
    "GIVEN %s THEN the key is of that kind, whatever the CA has",
    async (key_algorithm) => {
      const { state } = await created({ key_algorithm });
      const { namedCurve, modulusLength } =
        new X509Certificate(String(state?.certificate_pem)).publicKey.asymmetricKeyDetails ?? {};
      const curves: Record<string, string> = { "ECDSA-P256": "prime256v1", "ECDSA-P384": "secp384r1" };
      expect(namedCurve ?? `RSA-${modulusLength}`).toBe(curves[key_algorithm] ?? key_algorithm);
    },
  );

  it.each(KEY_ALGORITHMS.slice(1, 3))("GIVEN a CA with %s THEN it can issue", async (key_algorithm) => {
    write((await created(await newCa({ key_algorithm }))).state);
    expect(openssl("verify", "-attime", String(+START / 1000), "-CAfile", "ca.pem", "leaf.pem")).toContain(
      "OK",
    );
  });

  it("GIVEN a first name that is too long for a CN THEN there is none, and the SANs are critical", async () => {
    const long = `${"a".repeat(60)}.domain1.tld`;
    write((await created({ names: [long, "domain1.tld"] })).state);
    const text = openssl("x509", "-in", "leaf.pem", "-noout", "-text");
    expect(text).toMatch(/Subject: *\n/);
    expect(text).toContain("X509v3 Subject Alternative Name: critical");
    const verify = ["verify", "-x509_strict", "-verify_hostname", long, "-attime", String(+START / 1000)];
    expect(openssl(...verify, "-CAfile", "ca.pem", "leaf.pem")).toContain("OK");
  });

  it("GIVEN a CA made by OpenSSL THEN its name is taken over byte by byte", async () => {
    vi.useRealTimers();
    const request = [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      "/C=DE/O=Foreign/CN=CA",
      "-days",
      "3650",
    ];
    openssl(...request, "-keyout", "foreign.key", "-out", "foreign.pem");
    const pem = readFileSync(join(directory, "foreign.pem"), "utf8");
    const key = readFileSync(join(directory, "foreign.key"), "utf8");
    const { state } = await created({
      ca_certificate_pem: `subject=CA\n${pem.trimEnd()}`,
      ca_private_key_pem: key,
    });
    expect(state?.chain_pem).toBe(pem);
    const leaf = new X509Certificate(String(state?.certificate_pem));
    const { subjectName } = new x509.X509Certificate(pem);
    expect(leaf.raw.includes(Buffer.from(subjectName.toArrayBuffer()))).toBe(true);
    expect(leaf.checkIssued(new X509Certificate(String(pem)))).toBe(true);
  });

  it("GIVEN the same configuration again, read or not THEN nothing changes", async () => {
    const certificate = await created();
    expect((await certificate.plan({ ...ca, names: NAMES })).action).toBe("no-op");
    await certificate.read();
    expect((await certificate.plan({ ...ca, names: NAMES })).action).toBe("no-op");
  });

  const OUTPUTS = [
    "certificate_pem",
    "private_key_pem",
    "fingerprint_sha256",
    "serial",
    "spki_sha256",
    "not_before",
    "not_after",
    "renew_at",
  ].toSorted();

  it.each<[string, () => Values]>([
    ["a further name", () => ({ names: [...NAMES, "smtp.domain1.tld"] })],
    ["a name less", () => ({ names: ["domain1.tld"] })],
    ["another first name", () => ({ names: ["domain2.tld", "imap.domain1.tld"] })],
    ["the same names, another one first", () => ({ names: NAMES.toReversed() })],
    ["names that are not known yet", () => ({ names: UNKNOWN })],
    ["one name that is not known yet", () => ({ names: ["domain1.tld", UNKNOWN] })],
    ["another key algorithm", () => ({ key_algorithm: "ECDSA-P384" })],
    ["another validity", () => ({ validity_hours: 100 })],
    ["another CA", () => otherCa],
    ["a CA that is reissued in the same apply", () => ({ ca_certificate_pem: UNKNOWN })],
  ])("GIVEN %s THEN the plan shows it reissued in place", async (_, change) => {
    const certificate = await created();
    const plan = await certificate.plan({ ...ca, names: NAMES, ...change() });
    expect(plan.diagnostics).toEqual([]);
    expect(plan.action).toBe("update");
    expect(plan.unknown).toEqual(expect.arrayContaining(OUTPUTS));
    expect(plan.planned.renewal_due).toBe(false);
    const isOtherCa = "ca_certificate_pem" in change();
    expect(plan.unknown.includes("chain_pem")).toBe(isOtherCa);
  });

  it("GIVEN other names THEN the apply makes a certificate for them, with a new key", async () => {
    const certificate = await created();
    const before = certificate.state;
    const names = ["domain2.tld", "*.domain2.tld"];
    const { state, diagnostics } = await certificate.apply({ ...ca, names });
    expect(diagnostics).toEqual([]);
    expect(new X509Certificate(String(state?.certificate_pem)).subjectAltName).toBe(
      "DNS:domain2.tld, DNS:*.domain2.tld",
    );
    for (const name of ["private_key_pem", "serial", "spki_sha256"])
      expect(state?.[name]).not.toBe(before?.[name]);
    expect((await certificate.plan({ ...ca, names })).action).toBe("no-op");
  });

  it.each<[string, () => Values]>([
    ["names spelled otherwise", () => ({ names: ["Domain1.TLD.", "imap.domain1.tld"] })],
    [
      "a CA whose PEM is written otherwise",
      () => ({ ca_certificate_pem: `\n${ca.ca_certificate_pem}`.replaceAll("\n", "\r\n") }),
    ],
  ])("GIVEN %s THEN the certificate stays", async (_, change) => {
    const certificate = await created();
    const before = certificate.state;
    const config = { ...ca, names: NAMES, ...change() };
    expect(await certificate.plan(config)).toMatchObject({ action: "update", unknown: [], diagnostics: [] });
    expect((await certificate.apply(config)).diagnostics).toEqual([]);
    expect(certificate.state).toEqual({ ...before, ...change() });
    expect((await certificate.plan(config)).action).toBe("no-op");
  });

  it("GIVEN the same names in another order behind the first THEN the certificate stays", async () => {
    const certificate = await created({ names: ["a.tld", "b.tld", "c.tld"] });
    expect((await certificate.plan({ ...ca, names: ["a.tld", "c.tld", "b.tld"] })).unknown).toEqual([]);
  });

  it("GIVEN another renew_before_hours only THEN renew_at alone follows, and is known in the plan", async () => {
    const certificate = await created();
    const before = certificate.state;
    const config = { ...ca, names: NAMES, renew_before_hours: 24 };
    const renewed = { renew_before_hours: 24, renew_at: "2026-05-29T12:00:00Z" };
    expect(await certificate.plan(config)).toMatchObject({ action: "update", unknown: [], planned: renewed });
    expect((await certificate.apply(config)).state).toEqual({ ...before, ...renewed });
  });

  it("GIVEN renewal is due WHEN read THEN the plan shows it, and after the apply all is quiet", async () => {
    const certificate = await created();
    later(2160 - 720);
    const config = { ...ca, names: NAMES };
    expect((await certificate.plan(config)).action).toBe("no-op");
    await certificate.read();
    expect(await certificate.plan(config)).toMatchObject({ action: "update" });
    const { state, diagnostics } = await certificate.apply(config);
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({ not_before: "2026-04-30T11:55:00Z", renewal_due: false });
    await certificate.read();
    expect((await certificate.plan(config)).action).toBe("no-op");
  });

  it("GIVEN a renewed CA with the same key THEN certificates issued before verify against it", async () => {
    const authority = new ResourceLifecycle(privateCa(new KeyPassphrases()));
    await authority.apply({ validity_hours: 3000 });
    const pems = () => ({
      ca_certificate_pem: String(authority.state?.certificate_pem),
      ca_private_key_pem: String(authority.state?.private_key_pem),
    });
    const { state } = await created(pems());
    later(2900);
    await authority.read();
    await authority.apply({ validity_hours: 3000 });
    const leaf = new X509Certificate(String(state?.certificate_pem));
    const renewed = new X509Certificate(pems().ca_certificate_pem);
    expect(leaf.checkIssued(renewed) && leaf.verify(renewed.publicKey)).toBe(true);
  });

  it("GIVEN a CA that ends earlier THEN the certificate ends with it, with a warning, and is not due at once", async () => {
    const short = await newCa({ validity_hours: 300 });
    const certificate = new ResourceLifecycle(privateCertificate(new KeyPassphrases()));
    const { state, diagnostics } = await certificate.apply({ ...short, names: NAMES });
    expect(diagnostics).toEqual([
      expect.stringMatching(/^warning The certificate expires with its CA: .*@validity_hours$/),
    ]);
    expect(state).toMatchObject({ not_after: "2026-03-14T00:00:00Z", renew_at: "2026-03-09T20:00:00Z" });
    await certificate.read();
    expect((await certificate.plan({ ...short, names: NAMES })).action).toBe("no-op");
  });

  it("GIVEN a CA that has ended, or not begun THEN nothing is issued, and what was issued is kept", async () => {
    const short = await newCa({ validity_hours: 300 });
    const certificate = await created();
    const before = certificate.state;
    for (const hours of [300, -1]) {
      later(hours);
      const { diagnostics } = await certificate.apply({ ...short, names: NAMES });
      expect(diagnostics).toEqual([
        expect.stringMatching(/^error The CA certificate is not valid now: .*@ca_certificate_pem$/),
      ]);
      expect(certificate.state).toEqual(before);
    }
    later(300);
    const none = new ResourceLifecycle(privateCertificate(new KeyPassphrases()));
    await none.apply({ ...short, names: NAMES });
    expect(none.state).toBeNull();
  });

  const invalid = async (config: Values) =>
    new ResourceLifecycle(privateCertificate(new KeyPassphrases())).validate({
      ...ca,
      names: NAMES,
      ...config,
    });

  it.each<[Values, string]>([
    [{ names: [] }, "@names"],
    [{ names: ["domain1.tld", "not a name"] }, "@names.1"],
    [{ names: ["192.0.2.1"] }, "@names.0"],
    [{ names: ["a.*.tld"] }, "@names.0"],
    [{ names: ["domain1.tld", "a.tld", "DOMAIN1.tld"] }, "@names.2"],
    [{ validity_hours: 0.5 }, "@validity_hours"],
    [{ renew_before_hours: 2160 }, "@renew_before_hours"],
    [{ key_algorithm: "ed25519" }, "@key_algorithm"],
    [{ ca_certificate_pem: "" }, "@ca_certificate_pem"],
    [{ ca_certificate_pem: "/etc/ssl/ca.pem" }, "@ca_certificate_pem"],
    [{ ca_private_key_pem: "garbage" }, "@ca_private_key_pem"],
  ])("GIVEN %j THEN it is refused before the plan, at that attribute", async (config, path) => {
    const diagnostics = await invalid(config);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.endsWith(path)).toBe(true);
  });

  it("GIVEN a key of another CA, or an unusable one THEN it is refused, without a byte of it", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    for (const key of [
      otherCa.ca_private_key_pem,
      privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    ]) {
      const diagnostics = await invalid({ ca_private_key_pem: key });
      expect(diagnostics).toEqual([
        expect.stringMatching(/^error Not the CA's private key: .*@ca_private_key_pem$/),
      ]);
      for (const line of key.split("\n").filter((l) => l.length > 10 && !l.startsWith("-"))) {
        expect(diagnostics[0]).not.toContain(line);
      }
    }
  });

  it("GIVEN a certificate that is no CA, two in one, or a key in its place THEN it is refused", async () => {
    const leaf = await issue({ dnsNames: NAMES });
    const inPlaceOfCa = [leaf.pem, ca.ca_certificate_pem + otherCa.ca_certificate_pem, ca.ca_private_key_pem];
    for (const pem of inPlaceOfCa) {
      const diagnostics = await invalid({ ca_certificate_pem: pem, ca_private_key_pem: UNKNOWN });
      expect(diagnostics).toEqual([
        expect.stringMatching(/^error Not a CA certificate: .*@ca_certificate_pem$/),
      ]);
    }
  });

  it("GIVEN everything unknown, as in the first walk of an engine THEN nothing is refused", async () => {
    const unknown: Values = Object.fromEntries(
      Object.entries(privateCertificate(new KeyPassphrases()).schema.attributes)
        .filter(([, { required, optional }]) => required || optional)
        .map(([name]) => [name, UNKNOWN]),
    );
    expect(await invalid(unknown)).toEqual([]);
    expect(await invalid({ names: ["domain1.tld", UNKNOWN] })).toEqual([]);
  });

  it("GIVEN any change of the configuration THEN the plan is what the apply does, and repeats", async () => {
    const config = fc.record(
      {
        names: fc.uniqueArray(fc.constantFrom("a.tld", "b.tld", "*.c.tld", "D.tld"), { minLength: 1 }),
        other: fc.boolean(),
        key_algorithm: fc.constantFrom("ECDSA-P256", "ECDSA-P384"),
        validity_hours: fc.constantFrom(3, 1000),
        renew_before_hours: fc.constantFrom(0, 1, 2),
      },
      { requiredKeys: ["names", "other"] },
    );
    const step = fc.tuple(config, fc.boolean(), fc.nat(2000));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 4 }), async (steps) => {
        vi.setSystemTime(START);
        const certificate = new ResourceLifecycle(privateCertificate(new KeyPassphrases()));
        for (const [{ other, ...options }, reads, hours] of steps) {
          const given = { ...(other ? otherCa : ca), ...options };
          vi.setSystemTime(Date.now() + hours * HOUR);
          if (reads && certificate.state !== null) await certificate.read();
          const [first, second] = [await certificate.plan(given), await certificate.plan(given)];
          expect(second).toEqual(first);
          const before = certificate.state;
          const { diagnostics, state } = await certificate.apply(given);
          expect(diagnostics).toEqual([]);
          if (first.action === "no-op") expect(state).toEqual(before);
          const stays = state?.certificate_pem === before?.certificate_pem;
          expect(stays).toBe(!first.unknown.includes("certificate_pem"));
          expect((await certificate.plan(given)).action).toBe("no-op");
        }
      }),
      { numRuns: 30 },
    );
  });

  it("GIVEN the schema THEN every attribute is described, and keys are sensitive", () => {
    for (const [name, { description, sensitive }] of Object.entries(
      privateCertificate(new KeyPassphrases()).schema.attributes,
    )) {
      expect(description).toMatch(/^[A-Z][\s\S]{20,}\.$/);
      expect(sensitive === true).toBe(name.endsWith("private_key_pem"));
    }
  });
});
