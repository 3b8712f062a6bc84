import { createPrivateKey, X509Certificate } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { privateCa } from "../../../lib/provider/resources/private-ca";
import { privateCertificate } from "../../../lib/provider/resources/private-certificate";
import { issue } from "../../support/certificates";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

const HOUR = 3_600_000;
const START = new Date("2026-03-01T12:00:00Z");
const NEW = "the passphrase of today";
const OLD = "the passphrase of yesterday";
const WITHOUT = new KeyPassphrases();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

const key = (pem: unknown, passphrase: string) => createPrivateKey({ key: String(pem), passphrase });
const keyOf = ({ state }: ResourceLifecycle, passphrase: string) => key(state?.private_key_pem, passphrase);

/** The same object, in another run of the engine with other passphrases. */
function as(
  resource: typeof privateCa | typeof privateCertificate,
  { state }: ResourceLifecycle,
  passphrases: KeyPassphrases,
): ResourceLifecycle {
  const later = new ResourceLifecycle(resource(passphrases));
  later.state = state;
  return later;
}

async function made(
  resource: typeof privateCa | typeof privateCertificate,
  passphrases: KeyPassphrases,
  config: Values,
): Promise<ResourceLifecycle> {
  const lifecycle = new ResourceLifecycle(resource(passphrases));
  expect((await lifecycle.apply(config)).diagnostics).toEqual([]);
  return lifecycle;
}

async function madeCa(passphrases: KeyPassphrases, config: Values = {}): Promise<ResourceLifecycle> {
  return made(privateCa, passphrases, config);
}

async function madeCertificate(passphrases: KeyPassphrases, ca: ResourceLifecycle, more: Values = {}) {
  return made(privateCertificate, passphrases, configFor(ca, more));
}

const configFor = ({ state }: ResourceLifecycle, more: Values = {}): Values => ({
  ca_certificate_pem: String(state?.certificate_pem),
  ca_private_key_pem: String(state?.private_key_pem),
  names: ["imap.domain1.tld"],
  ...more,
});

describe.each([
  ["mailsni_private_ca", (passphrases: KeyPassphrases) => madeCa(passphrases), privateCa, async () => ({})],
  [
    "mailsni_private_certificate",
    async (passphrases: KeyPassphrases) => madeCertificate(passphrases, await foreignCa()),
    privateCertificate,
    async () => configFor(await foreignCa()),
  ],
] as const)("the key of a %s", (_, make, resource, configOf) => {
  it("is encrypted in the state, and makes no plan, with or without the passphrase", async () => {
    const one = await make(new KeyPassphrases(NEW));
    expect(one.state?.private_key_pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    const certificate = new X509Certificate(String(one.state?.certificate_pem));
    expect(certificate.checkPrivateKey(keyOf(one, NEW))).toBe(true);
    for (const passphrases of [new KeyPassphrases(NEW), WITHOUT]) {
      const later = as(resource, one, passphrases);
      await later.read();
      expect(await later.plan(await configOf())).toMatchObject({ action: "no-op", diagnostics: [] });
    }
  });

  it.each([
    ["encrypted for the first time", undefined, NEW],
    ["encrypted again with another passphrase", OLD, NEW],
    ["no longer encrypted", OLD, undefined],
  ])("is %s in place: the plan knows it, and shows nothing else", async (_, before, after) => {
    const passphrases = new KeyPassphrases(after, before);
    const one = await make(new KeyPassphrases(before));
    const former = one.state as Values;
    const later = as(resource, one, passphrases);
    const config = await configOf();
    const plan = await later.plan(config);
    expect(plan).toMatchObject({ action: "update", unknown: [], diagnostics: [] });
    const changed = Object.keys(former).filter((name) => plan.planned[name] !== former[name]);
    expect(changed.filter((name) => !["names", "ca_certificate_pem"].includes(name))).toEqual([
      "private_key_pem",
    ]);
    expect((await later.apply(config)).diagnostics).toEqual([]);
    expect(later.state).toEqual({ ...former, private_key_pem: plan.planned.private_key_pem });
    expect(keyOf(later, after ?? "").equals(key(former.private_key_pem, before ?? ""))).toBe(true);
    expect((await later.plan(config)).action).toBe("no-op");
    const nextRun = as(resource, later, after === undefined ? WITHOUT : new KeyPassphrases(after));
    expect((await nextRun.plan(config)).action).toBe("no-op");
  });

  it("GIVEN a slip in the passphrase THEN the plan refuses it, before a new key is encrypted with it", async () => {
    const one = await make(new KeyPassphrases(NEW));
    const { diagnostics } = await as(resource, one, new KeyPassphrases(`${NEW}!`)).plan(await configOf());
    expect(diagnostics[0]).toMatch(
      /^error A private key cannot be decrypted.*\[KEY_PASSPHRASE_WRONG\] @private_key_pem$/,
    );
  });

  it("GIVEN a state in which it is damaged WHEN renewed THEN an error says what to do, and nothing changes", async () => {
    const one = await make(WITHOUT);
    const damaged = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    one.state = { ...(one.state as Values), private_key_pem: damaged, renewal_due: true };
    const before = one.state;
    const { diagnostics } = await one.apply(await configOf());
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /^error A private key in the state is damaged: .*Restore a copy .*@private_key_pem$/,
      ),
    ]);
    expect(one.state).toEqual(before);
  });

  it("cannot be changed where neither passphrase opens it: an error says so, and nothing changes", async () => {
    const one = await make(new KeyPassphrases(OLD));
    const later = as(resource, one, new KeyPassphrases(NEW, "a former one that is wrong"));
    const { diagnostics } = await later.plan(await configOf());
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /^error A private key cannot be decrypted: .*\[KEY_PASSPHRASE_WRONG\] @private_key_pem$/,
      ),
    ]);
    expect(later.state).toEqual(one.state);
  });
});

let ca: Promise<ResourceLifecycle> | undefined;
/** A CA whose key is not encrypted. */
function foreignCa(): Promise<ResourceLifecycle> {
  ca ??= madeCa(WITHOUT);
  return ca;
}

describe("mailsni_private_ca with an encrypted key", () => {
  it("GIVEN a renewal THEN it keeps the key, and the very text of it", async () => {
    const one = await madeCa(new KeyPassphrases(NEW), { validity_hours: 100 });
    const { private_key_pem: before, certificate_pem: certificate } = one.state as Values;
    vi.setSystemTime(+START + 99 * HOUR);
    const later = as(privateCa, one, new KeyPassphrases(NEW));
    await later.read();
    const { unknown } = await later.plan({ validity_hours: 100 });
    expect(unknown).toContain("certificate_pem");
    expect(unknown).not.toContain("private_key_pem");
    expect((await later.apply({ validity_hours: 100 })).diagnostics).toEqual([]);
    expect(later.state?.private_key_pem).toBe(before);
    expect(later.state?.certificate_pem).not.toBe(certificate);
  });

  it("GIVEN a wrong passphrase THEN the plan refuses it before anything is done", async () => {
    const one = await madeCa(new KeyPassphrases(NEW));
    const { diagnostics } = await as(privateCa, one, new KeyPassphrases("another passphrase")).plan({});
    expect(diagnostics).toEqual([expect.stringContaining("[KEY_PASSPHRASE_WRONG] @private_key_pem")]);
  });

  it.each([
    ["another key algorithm", { key_algorithm: "ECDSA-P384" }],
    ["another name", { common_name: "Another" }],
  ])("GIVEN no passphrase and %s THEN it stays as it is, with an error", async (_, change) => {
    const one = await madeCa(new KeyPassphrases(NEW));
    const later = as(privateCa, one, WITHOUT);
    expect((await later.plan(change)).diagnostics.filter((text) => text.startsWith("error"))).toEqual([]);
    const { diagnostics } = await later.apply(change);
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /^error A private key cannot be decrypted: .*no passphrase is set.*\[KEY_ENCRYPTED\] @private_key_pem$/,
      ),
    ]);
    expect(later.state).toEqual(one.state);
  });
});

describe("mailsni_private_certificate with encrypted keys", () => {
  it("is issued by a CA whose key is encrypted", async () => {
    const authority = await madeCa(new KeyPassphrases(NEW));
    const one = await madeCertificate(new KeyPassphrases(NEW), authority);
    const [leaf, issuer] = [one, authority].map(
      ({ state }) => new X509Certificate(String(state?.certificate_pem)),
    );
    expect(leaf?.verify((issuer as X509Certificate).publicKey)).toBe(true);
  });

  it("GIVEN a CA's key that a user has encrypted THEN the passphrase opens it as well", async () => {
    vi.useRealTimers();
    const authority = await issue({ ca: true, notAfter: new Date(Date.now() + 100 * HOUR) });
    const secret = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: NEW } as const;
    const config = {
      ca_certificate_pem: authority.pem,
      ca_private_key_pem: `${createPrivateKey(authority.keyPem).export(secret)}`,
      names: ["imap.domain1.tld"],
      validity_hours: 10,
    };
    await made(privateCertificate, new KeyPassphrases(NEW), config);
    const wrong = new ResourceLifecycle(privateCertificate(new KeyPassphrases("another passphrase")));
    expect((await wrong.validate(config))[0]).toContain("[KEY_PASSPHRASE_WRONG] @ca_private_key_pem");
  });

  it("GIVEN no passphrase THEN it plans a renewal all the same, which an apply then refuses: nothing changes", async () => {
    const authority = await madeCa(new KeyPassphrases(NEW));
    const one = await madeCertificate(new KeyPassphrases(NEW), authority);
    const later = as(privateCertificate, one, WITHOUT);
    const config = configFor(authority, { names: ["smtp.domain1.tld"] });
    expect(await later.plan(config)).toMatchObject({ action: "update", diagnostics: [] });
    const { diagnostics } = await later.apply(config);
    expect(diagnostics).toEqual([expect.stringContaining("[KEY_ENCRYPTED] @private_key_pem")]);
    expect(later.state).toEqual(one.state);
  });

  it("GIVEN another passphrase than that of its key THEN it is not renewed with it either", async () => {
    const authority = await foreignCa();
    const one = await madeCertificate(new KeyPassphrases(NEW), authority);
    const later = as(privateCertificate, one, new KeyPassphrases("another passphrase"));
    const { diagnostics } = await later.apply(configFor(authority, { names: ["smtp.domain1.tld"] }));
    expect(diagnostics).toEqual([expect.stringContaining("[KEY_PASSPHRASE_WRONG] @private_key_pem")]);
    expect(later.state).toEqual(one.state);
  });

  it("GIVEN a lost passphrase THEN one that is made instead has a new key under the new one", async () => {
    const authority = await foreignCa();
    const one = await madeCertificate(new KeyPassphrases(NEW), authority);
    const replaced = as(privateCertificate, one, new KeyPassphrases("another passphrase"));
    expect(await replaced.destroy()).toEqual([]);
    expect((await replaced.apply(configFor(authority))).diagnostics).toEqual([]);
    expect(keyOf(replaced, "another passphrase").equals(keyOf(one, NEW))).toBe(false);
  });
});
