import { createPrivateKey, X509Certificate } from "node:crypto";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import type { HostSettings } from "../../../lib/provider/host/desired/host-settings";
import { Hosts } from "../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";
import { certificateValues } from "./support/acme-values";

const NEW = "the passphrase of today";
const OLD = "the passphrase of yesterday";
const WITHOUT = new KeyPassphrases();
const ENCRYPTED = /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/;

describeIf(pebbleIsThere, "keys of an ACME CA's account and certificates", () => {
  let pebble: Pebble;
  let directories: AcmeDirectories;
  let hosts: Hosts;

  beforeAll(async () => {
    pebble = await Pebble.start();
    directories = new AcmeDirectories(acmeTimeouts({ attempts: 3 }));
    const mx1: HostSettings = {
      name: "mx1",
      gone: false,
      onUnreachable: "fail",
      root: dirname(pebble.web.directory),
      stateDirectory: "/state",
      applyOwnership: false,
      services: new Map(),
    };
    hosts = new Hosts("mail", new Map([["mx1", mx1]]));
  });
  afterAll(async () => {
    await hosts.close();
    directories.close();
    await pebble.stop();
  });

  const directory = () => ({
    directory_url: pebble.directoryUrl,
    directory_ca_pem: pebble.directoryCaPem,
    terms_of_service_agreed: true,
  });
  /** The same object, in another run of the engine. */
  const account = (passphrases: KeyPassphrases, state: Values | null = null) => {
    const lifecycle = new ResourceLifecycle(acmeAccount(directories, passphrases));
    lifecycle.state = state;
    return lifecycle;
  };
  const certificate = (passphrases: KeyPassphrases, state: Values | null = null) => {
    const lifecycle = new ResourceLifecycle(acmeCertificate(directories, passphrases), hosts);
    lifecycle.state = state;
    return lifecycle;
  };

  async function madeAccount(passphrases: KeyPassphrases): Promise<Values> {
    const { state, diagnostics } = await account(passphrases).apply(directory());
    expect(diagnostics).toEqual([]);
    return state as Values;
  }
  const configFor = (account: Values, names: readonly string[], more: Values = {}) =>
    certificateValues(pebble, account, names, more);
  const orders = () => pebble.requests.get("POST /order-plz") ?? 0;

  it("are encrypted in the state, and used with the passphrase", async () => {
    const passphrases = new KeyPassphrases(NEW);
    const made = await madeAccount(passphrases);
    expect(made.private_key_pem).toMatch(ENCRYPTED);
    const changed = account(passphrases, made);
    expect((await changed.apply({ ...directory(), contact: ["a@example.org"] })).diagnostics).toEqual([]);
    const config = configFor(made, ["imap.one.test"]);
    const { state, diagnostics } = await certificate(passphrases).apply(config);
    expect(diagnostics).toEqual([]);
    expect(state?.private_key_pem).toMatch(ENCRYPTED);
    const key = createPrivateKey({ key: String(state?.private_key_pem), passphrase: NEW });
    expect(new X509Certificate(String(state?.certificate_pem)).checkPrivateKey(key)).toBe(true);
    for (const later of [passphrases, WITHOUT]) {
      expect(await certificate(later, state).plan(config)).toMatchObject({
        action: "no-op",
        diagnostics: [],
      });
    }
  });

  it.each([
    ["for the first time", undefined, NEW],
    ["with another passphrase", OLD, NEW],
    ["no longer", OLD, undefined],
  ])("are encrypted %s in place: the CA is not asked, and nothing else changes", async (_, before, after) => {
    const passphrases = new KeyPassphrases(after, before);
    const earlier = new KeyPassphrases(before);
    const former = await madeAccount(earlier);
    const config = configFor(former, ["imap.two.test"]);
    const { state: formerCertificate } = await certificate(earlier).apply(config);
    pebble.forgetRequests();

    const later = account(passphrases, former);
    const plan = await later.plan(directory());
    expect(plan).toMatchObject({ action: "update", unknown: [], diagnostics: [] });
    expect(plan.planned).toEqual({ ...former, private_key_pem: plan.planned.private_key_pem });
    expect((await later.apply(directory())).diagnostics).toEqual([]);

    const renewed = certificate(passphrases, formerCertificate);
    const config2 = configFor(later.state as Values, ["imap.two.test"]);
    expect(await renewed.plan(config2)).toMatchObject({ action: "update", unknown: [], diagnostics: [] });
    expect((await renewed.apply(config2)).diagnostics).toEqual([]);
    const { private_key_pem } = renewed.state as Values;
    expect(renewed.state).toEqual({ ...formerCertificate, private_key_pem });
    expect(private_key_pem).not.toBe(formerCertificate?.private_key_pem);
    expect(ENCRYPTED.test(String(private_key_pem))).toBe(after !== undefined);
    expect(pebble.requests.size).toBe(0);
  });

  it("are kept over a renewal where that is asked for, while the passphrase changes as well", async () => {
    const made = await madeAccount(WITHOUT);
    const config = configFor(made, ["tlsa.two.test"], { reuse_key: true });
    const { state } = await certificate(new KeyPassphrases(OLD)).apply(config);
    const again = certificate(new KeyPassphrases(NEW, OLD), state);
    const plan = await again.plan({ ...config, reissue: "today" });
    expect(plan.unknown).not.toContain("private_key_pem");
    expect((await again.apply({ ...config, reissue: "today" })).diagnostics).toEqual([]);
    expect(again.state?.serial).not.toBe(state?.serial);
    expect(again.state?.spki_sha256).toBe(state?.spki_sha256);
    expect(() =>
      createPrivateKey({ key: String(again.state?.private_key_pem), passphrase: NEW }),
    ).not.toThrow();
  });

  it.each([
    ["no passphrase", WITHOUT, "KEY_ENCRYPTED"],
    ["a wrong one", new KeyPassphrases("another passphrase"), "KEY_PASSPHRASE_WRONG"],
  ])("GIVEN %s THEN nothing is ordered, and what there is stays", async (_, passphrases, code) => {
    const made = await madeAccount(new KeyPassphrases(NEW));
    const { state } = await certificate(new KeyPassphrases(NEW)).apply(configFor(made, ["imap.three.test"]));
    pebble.forgetRequests();
    const other = certificate(passphrases, state);
    const wanted = configFor(made, ["imap.three.test", "smtp.three.test"]);
    const { diagnostics } = await other.apply(wanted);
    expect(diagnostics).toEqual([
      expect.stringContaining(`[${code}] @private_key_pem`),
      expect.stringContaining(`[${code}] @account_key_pem`),
    ]);
    expect(other.state).toEqual(state);
    const first = certificate(passphrases);
    expect((await first.apply(configFor(made, ["new.three.test"]))).diagnostics).toEqual([
      expect.stringContaining(`[${code}] @account_key_pem`),
    ]);
    expect(first.state).toBeNull();
    const changed = account(passphrases, made);
    const refused = await changed.apply({ ...directory(), contact: ["a@example.org"] });
    expect(refused.diagnostics[0]).toContain(`[${code}] @private_key_pem`);
    expect(changed.state).toEqual(made);
    expect(orders()).toBe(0);
  });

  it("of an account that a user has encrypted are opened, and without the passphrase taken to be the same", async () => {
    const made = await madeAccount(WITHOUT);
    const secret = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: NEW } as const;
    const pem = () => `${createPrivateKey(String(made.private_key_pem)).export(secret)}`;
    const config = () => ({ ...directory(), account_key_pem: pem() });
    const own = account(new KeyPassphrases(NEW));
    expect((await own.apply(config())).diagnostics).toEqual([]);
    expect(own.state).toMatchObject({ url: made.url, private_key_pem: null });
    for (const passphrases of [new KeyPassphrases(NEW), WITHOUT]) {
      const plan = await account(passphrases, own.state).plan(config());
      expect(plan).toMatchObject({ action: "no-op", diagnostics: [] });
    }
  });

  it("are opened to revoke, and not revoked without the passphrase", async () => {
    const made = await madeAccount(WITHOUT);
    const config = configFor(made, ["imap.four.test"], { revoke_on_destroy: "superseded" });
    const { state } = await certificate(new KeyPassphrases(NEW)).apply(config);
    const without = certificate(WITHOUT, state);
    expect((await without.destroy())[0]).toContain("[KEY_ENCRYPTED] @private_key_pem");
    expect(without.state).toEqual(state);
    expect(await certificate(new KeyPassphrases(NEW), state).destroy()).toEqual([]);
    expect(await pebble.revocation(String(state?.serial))).toContain("Revoked");
  });
});
