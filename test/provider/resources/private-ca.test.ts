import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import { privateCa } from "../../../lib/provider/resources/private-ca";
import { privateCertificate } from "../../../lib/provider/resources/private-certificate";
import { KEY_ALGORITHMS } from "../../../lib/provider/x509/key-algorithm";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

const HOUR = 3_600_000;
const START = new Date("2026-03-01T12:00:00.750Z");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

const later = (hours: number) => vi.setSystemTime(+START + hours * HOUR);

async function created(config: Values = {}): Promise<ResourceLifecycle> {
  const ca = new ResourceLifecycle(privateCa(new KeyPassphrases()));
  expect(await ca.apply(config)).toMatchObject({ diagnostics: [] });
  return ca;
}

const openssl = (pem: unknown, ...args: string[]) =>
  execFileSync("openssl", ["x509", "-noout", ...args], { input: String(pem), encoding: "utf8" });

/** Whether a client that has `root` accepts a leaf, on the day of its issue. */
function isTrusted(leaf: string, root: string, state: Values | null): boolean {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-ca-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "root.pem"), root);
  writeFileSync(join(directory, "leaf.pem"), leaf);
  const at = Date.parse(String(state?.not_before)) / 1000 + 3600;
  const args = [
    "verify",
    "-attime",
    String(at),
    "-CAfile",
    join(directory, "root.pem"),
    join(directory, "leaf.pem"),
  ];
  return execFileSync("openssl", args, { encoding: "utf8" }).trim().endsWith("OK");
}

describe("mailsni_private_ca", () => {
  it("GIVEN no configuration THEN defaults are planned, and what is made is unknown", async () => {
    const { action, planned, unknown, diagnostics } = await new ResourceLifecycle(
      privateCa(new KeyPassphrases()),
    ).plan({});
    expect({ action, diagnostics }).toEqual({ action: "create", diagnostics: [] });
    expect(planned).toMatchObject({
      common_name: "mail-sni private CA",
      key_algorithm: "ECDSA-P256",
      validity_hours: 87_600,
      renew_before_hours: 8760,
      renewal_due: false,
    });
    expect(unknown.toSorted()).toEqual([
      "certificate_pem",
      "fingerprint_sha256",
      "not_after",
      "not_before",
      "private_key_pem",
      "renew_at",
    ]);
  });

  it("GIVEN a renewal that is due THEN a plan says until when clients can do with the old certificate, and they can", async () => {
    const ca = await created();
    later(87_600 - 8760);
    await ca.read();
    const { diagnostics } = await ca.plan({});
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /^warning .*gets a new certificate.*Until 2036-02-27T12:00:00Z the current certificate works/,
      ),
    ]);
    const former = String(ca.state?.certificate_pem);
    await ca.apply({});
    const certificate = new ResourceLifecycle(privateCertificate(new KeyPassphrases()));
    const { certificate_pem: pem, private_key_pem: key } = ca.state as {
      readonly certificate_pem: string;
      readonly private_key_pem: string;
    };
    await certificate.apply({ ca_certificate_pem: pem, ca_private_key_pem: key, names: ["a.test"] });
    expect(isTrusted(String(certificate.state?.certificate_pem), former, ca.state)).toBe(true);
  });

  it("GIVEN another name THEN a plan says that clients refuse it until they have the new certificate", async () => {
    const ca = await created();
    const { diagnostics } = await ca.plan({ common_name: "Another" });
    expect(diagnostics).toEqual([
      expect.stringMatching(/^warning .*clients refuse the certificates of this CA until/),
    ]);
  });

  it.each([
    ["the days before the end", 87_600 - 200, "expires soon"],
    ["after the end", 87_601, "has expired"],
  ])(
    "GIVEN no apply until %s THEN a read says what that means, and holds back no apply",
    async (_, hours, text) => {
      const ca = await created({ renew_before_hours: 0 });
      later(hours);
      expect((await ca.read()).diagnostics).toEqual([
        expect.stringMatching(new RegExp(`^warning .*${text}`)),
      ]);
    },
  );

  it("GIVEN a create THEN the certificate is a CA for end entities, as OpenSSL reads it", async () => {
    const { state } = await created({ common_name: 'Ünï "x" + \\ = #1' });
    const text = openssl(state?.certificate_pem, "-text", "-nameopt", "utf8,sep_comma_plus_space,sname");
    expect(text).toContain("Basic Constraints: critical\n                CA:TRUE, pathlen:0");
    expect(text).toContain("Key Usage: critical\n                Certificate Sign, CRL Sign");
    expect(text).toContain("Subject Key Identifier");
    expect(text).toContain("Version: 3");
    const x509 = new X509Certificate(String(state?.certificate_pem));
    expect(x509.toLegacyObject().subject).toEqual({ CN: 'Ünï "x" + \\ = #1' });
    expect(x509.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(state).toMatchObject({
      not_before: "2026-03-01T11:55:00Z",
      not_after: "2036-02-27T12:00:00Z",
      renew_at: "2035-02-27T12:00:00Z",
      renewal_due: false,
      fingerprint_sha256: openssl(state?.certificate_pem, "-fingerprint", "-sha256")
        .trim()
        .replace(/^.*=/, "")
        .replaceAll(":", "")
        .toLowerCase(),
    });
    expect(openssl(state?.certificate_pem, "-dates")).toBe(
      "notBefore=Mar  1 11:55:00 2026 GMT\nnotAfter=Feb 27 12:00:00 2036 GMT\n",
    );
    expect(state?.certificate_pem).toMatch(
      /^-----BEGIN CERTIFICATE-----\n[\s\S]*-----END CERTIFICATE-----\n$/,
    );
    expect(state?.private_key_pem).toMatch(
      /^-----BEGIN PRIVATE KEY-----\n[\s\S]*-----END PRIVATE KEY-----\n$/,
    );
  });

  it.each(KEY_ALGORITHMS)(
    "GIVEN %s THEN the key is of that kind and has signed the certificate",
    async (key_algorithm) => {
      const { state } = await created({ key_algorithm });
      const x509 = new X509Certificate(String(state?.certificate_pem));
      const { namedCurve, modulusLength } = x509.publicKey.asymmetricKeyDetails ?? {};
      const curves: Record<string, string> = { "ECDSA-P256": "prime256v1", "ECDSA-P384": "secp384r1" };
      expect(namedCurve ?? `RSA-${modulusLength}`).toBe(curves[key_algorithm] ?? key_algorithm);
      expect(x509.verify(x509.publicKey)).toBe(true);
    },
  );

  it("GIVEN a validity into the time after 2050 THEN the date is one that OpenSSL reads", async () => {
    const { state } = await created({ validity_hours: 876_000 });
    expect(state?.not_after).toMatch(/^2126-/);
    expect(openssl(state?.certificate_pem, "-enddate")).toContain(" 2126 GMT");
  });

  it("GIVEN the same configuration again, read or not THEN nothing changes", async () => {
    const ca = await created({ common_name: "A", validity_hours: 100 });
    expect((await ca.plan({ common_name: "A", validity_hours: 100 })).action).toBe("no-op");
    await ca.read();
    expect((await ca.plan({ common_name: "A", validity_hours: 100 })).action).toBe("no-op");
  });

  it("GIVEN renewal is due WHEN read THEN the plan shows a new certificate in place, which keeps name and key", async () => {
    const ca = await created({ validity_hours: 100 });
    const before = ca.state;
    later(90);
    expect((await ca.plan({ validity_hours: 100 })).action).toBe("no-op");
    expect((await ca.read()).state).toEqual({ ...before, renewal_due: true });
    const plan = await ca.plan({ validity_hours: 100 });
    expect(plan.action).toBe("update");
    expect(plan.unknown).not.toContain("private_key_pem");
    const { state } = await ca.apply({ validity_hours: 100 });
    expect(state).toMatchObject({
      private_key_pem: before?.private_key_pem,
      renewal_due: false,
      not_after: "2026-03-09T10:00:00Z",
    });
    expect(state?.certificate_pem).not.toBe(before?.certificate_pem);
    const [old, renewed] = [before, state].map((s) => new X509Certificate(String(s?.certificate_pem)));
    expect(renewed?.subject).toBe(old?.subject);
    expect(renewed?.publicKey.equals(old?.publicKey as never)).toBe(true);
    await ca.read();
    expect((await ca.plan({ validity_hours: 100 })).action).toBe("no-op");
  });

  it("GIVEN a moment before THEN renewal is not due", async () => {
    const ca = await created({ validity_hours: 100 });
    vi.setSystemTime(Date.parse(String(ca.state?.renew_at)) - 1);
    expect((await ca.read()).state?.renewal_due).toBe(false);
    vi.setSystemTime(Date.parse(String(ca.state?.renew_at)));
    expect((await ca.read()).state?.renewal_due).toBe(true);
  });

  it("GIVEN another key algorithm THEN key and certificate are new, in place", async () => {
    const ca = await created();
    const before = ca.state;
    const plan = await ca.plan({ key_algorithm: "ECDSA-P384" });
    expect(plan.action).toBe("update");
    expect(plan.unknown).toContain("private_key_pem");
    expect(plan.unknown).toContain("certificate_pem");
    const { state } = await ca.apply({ key_algorithm: "ECDSA-P384" });
    expect(state?.private_key_pem).not.toBe(before?.private_key_pem);
  });

  it("GIVEN another renew_before_hours only THEN renew_at alone follows, and is known in the plan", async () => {
    const ca = await created({ validity_hours: 100 });
    const before = ca.state;
    const plan = await ca.plan({ validity_hours: 100, renew_before_hours: 50 });
    expect(plan).toMatchObject({
      action: "update",
      unknown: [],
      planned: { renew_at: "2026-03-03T14:00:00Z" },
    });
    const { state, diagnostics } = await ca.apply({ validity_hours: 100, renew_before_hours: 50 });
    expect(diagnostics).toEqual([]);
    expect(state).toEqual({ ...before, renew_before_hours: 50, renew_at: "2026-03-03T14:00:00Z" });
  });

  it("GIVEN attributes taken out of the configuration THEN their defaults are planned", async () => {
    const ca = await created({ common_name: "A", key_algorithm: "ECDSA-P384", validity_hours: 50 });
    expect((await ca.plan({})).planned).toMatchObject({
      common_name: "mail-sni private CA",
      key_algorithm: "ECDSA-P256",
      validity_hours: 87_600,
      renew_before_hours: 8760,
    });
  });

  it("GIVEN an attribute that is not known yet THEN what depends on it is not known either, and may stay", async () => {
    const ca = await created({ validity_hours: 100 });
    const before = ca.state;
    const plan = await ca.plan({ validity_hours: UNKNOWN });
    expect(plan.unknown).toContain("certificate_pem");
    expect(plan.unknown).toContain("renew_before_hours");
    expect((await ca.plan({ validity_hours: 100, renew_before_hours: UNKNOWN })).unknown).toEqual([
      "renew_before_hours",
      "renew_at",
    ]);
    expect((await ca.apply({ validity_hours: 100 })).state).toEqual(before);
  });

  it.each<[Values, string]>([
    [{ common_name: "" }, "@common_name"],
    [{ common_name: "x".repeat(65) }, "@common_name"],
    [{ common_name: "a\nb" }, "@common_name"],
    [{ common_name: " a" }, "@common_name"],
    [{ key_algorithm: "ED25519" }, "@key_algorithm"],
    [{ validity_hours: 0 }, "@validity_hours"],
    [{ validity_hours: 1.5 }, "@validity_hours"],
    [{ validity_hours: 876_001 }, "@validity_hours"],
    [{ renew_before_hours: -1 }, "@renew_before_hours"],
    [{ renew_before_hours: 87_600 }, "@renew_before_hours"],
    [{ validity_hours: 10, renew_before_hours: 10 }, "@renew_before_hours"],
  ])("GIVEN %j THEN it is refused before the plan", async (config, path) => {
    const diagnostics = await new ResourceLifecycle(privateCa(new KeyPassphrases())).validate(config);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatch(/^error /);
    expect(diagnostics[0]?.endsWith(path)).toBe(true);
  });

  it("GIVEN any change of the configuration THEN the plan is what the apply does, and repeats", async () => {
    const config = fc.record(
      {
        common_name: fc.constantFrom("A", "B"),
        key_algorithm: fc.constantFrom("ECDSA-P256", "ECDSA-P384"),
        validity_hours: fc.constantFrom(3, 1000),
        renew_before_hours: fc.constantFrom(0, 1, 2),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(config, fc.boolean(), fc.nat(2000)), { maxLength: 4 }),
        async (steps) => {
          vi.setSystemTime(START);
          const ca = new ResourceLifecycle(privateCa(new KeyPassphrases()));
          for (const [given, reads, hours] of steps) {
            vi.setSystemTime(Date.now() + hours * HOUR);
            if (reads && ca.state !== null) await ca.read();
            const [first, second] = [await ca.plan(given), await ca.plan(given)];
            expect(second).toEqual(first);
            const before = ca.state;
            const { diagnostics, state } = await ca.apply(given);
            expect(diagnostics).toEqual([]);
            if (first.action === "no-op") expect(state).toEqual(before);
            if (!first.unknown.includes("certificate_pem"))
              expect(state?.certificate_pem).toBe(before?.certificate_pem);
            else expect(state?.certificate_pem).not.toBe(before?.certificate_pem);
            expect((await ca.plan(given)).action).toBe("no-op");
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it("GIVEN the schema THEN every attribute is described, and the key alone is sensitive", () => {
    for (const [name, { description, sensitive }] of Object.entries(
      privateCa(new KeyPassphrases()).schema.attributes,
    )) {
      expect(description).toMatch(/^[A-Z][\s\S]{20,}\.$/);
      expect(sensitive === true).toBe(name === "private_key_pem");
    }
  });
});
