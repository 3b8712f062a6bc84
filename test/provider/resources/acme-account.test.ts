import { createPrivateKey } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deactivateAccount } from "../../../lib/provider/acme/account";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { generateKey, privateKeyPem } from "../../../lib/provider/x509/key-algorithm";
import { AcmeProxy } from "../../support/acme-proxy";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

const HMAC_KEY = Buffer.from("what the CA has given to somebody, long enough").toString("base64url");

describeIf(pebbleIsThere, "mailsni_acme_account", () => {
  let pebble: Pebble;
  let directories: AcmeDirectories;

  beforeAll(async () => {
    pebble = await Pebble.start({ externalAccountKeys: { "kid-1": HMAC_KEY } });
    directories = new AcmeDirectories(acmeTimeouts());
  });
  afterAll(async () => {
    directories.close();
    await pebble.stop();
  });

  const config = (more: Values = {}): Values => ({
    directory_url: pebble.directoryUrl,
    directory_ca_pem: pebble.directoryCaPem,
    terms_of_service_agreed: true,
    external_account_key_id: "kid-1",
    external_account_hmac_key: HMAC_KEY,
    ...more,
  });

  async function created(of: Values): Promise<ResourceLifecycle> {
    const account = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
    expect((await account.apply(of)).diagnostics).toEqual([]);
    return account;
  }

  it("is made with a key of its own; what is secret of the user is nowhere in the state", async () => {
    const { state } = await created(config());
    expect(state?.url).toMatch(/^https:\/\/localhost:\d+\/my-account\//);
    expect(state?.private_key_pem).toContain("BEGIN PRIVATE KEY");
    expect(JSON.stringify(state)).not.toContain(HMAC_KEY);
  });

  it("is found again by a key of the user's, which is nowhere in the state", async () => {
    const pem = privateKeyPem(await generateKey("RSA-2048"));
    const one = await created(config({ account_key_pem: pem }));
    const other = await created(config({ account_key_pem: pem }));
    expect(other.state?.url).toBe(one.state?.url);
    expect(one.state?.private_key_pem).toBeNull();
    expect(JSON.stringify(one.state)).not.toContain(pem.split("\n")[1]);
  });

  it("shows the words of a CA, and has a terminal do nothing", async () => {
    const proxy = await AcmeProxy.start(pebble);
    try {
      proxy.refuse(/^POST \/sign-me-up/, "unauthorized", { detail: `no, ${HOSTILE_WORDS}` });
      const account = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
      const { diagnostics } = await account.apply(config({ directory_url: proxy.directoryUrl }));
      expect(diagnostics.join()).toContain("\\u202egpj.exe");
      expect(isPlain(diagnostics.join())).toBe(true);
    } finally {
      await proxy.close();
    }
  });

  it("stays the same for another contact, and asks the CA for nothing but whether it is open when it is read", async () => {
    const account = await created(config({ contact: ["a@example.org"] }));
    const { url } = account.state as Values;
    const plan = await account.plan(config({ contact: ["b@example.org"] }));
    expect(plan).toMatchObject({ action: "update", unknown: [] });
    expect((await account.apply(config({ contact: ["b@example.org"] }))).diagnostics).toEqual([]);
    expect(account.state).toMatchObject({ url, contact: ["b@example.org"] });
    pebble.forgetRequests();
    await account.read();
    const asked = [...pebble.requests.keys()].filter((what) => !what.includes("nonce"));
    expect(asked).toEqual(["POST /my-account/"]);
    expect((await account.plan(config({ contact: ["b@example.org"] }))).action).toBe("no-op");
  });

  it("is another one for another key", async () => {
    const pem = async () => privateKeyPem(await generateKey("ECDSA-P256"));
    const account = await created(config({ account_key_pem: await pem() }));
    expect((await account.plan(config({ account_key_pem: await pem() }))).unknown).toContain("url");
  });

  it("is closed when it is destroyed, if that is asked for", async () => {
    for (const deactivate of [false, true]) {
      const account = await created(config({ deactivate_on_destroy: deactivate }));
      const key = account.state?.private_key_pem ?? null;
      expect(await account.destroy()).toEqual([]);
      const again = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
      const { diagnostics } = await again.apply(config({ account_key_pem: key }));
      expect(diagnostics).toEqual(
        deactivate ? [expect.stringMatching(/^error The ACME account was not created/)] : [],
      );
    }
  });

  it.each([
    [
      "deactivated there",
      async ({ url, private_key_pem: pem }: Values) => {
        const key = createPrivateKey(String(pem));
        await deactivateAccount(
          directories.directory(pebble.directoryUrl, pebble.directoryCaPem),
          key,
          String(url),
        );
        return url;
      },
    ],
    ["forgotten there", async ({ url }: Values) => `${String(url)}-nobodys`],
  ])("GIVEN it was %s THEN a plan knows, and makes another one", async (_, close) => {
    const account = await created(config());
    const before = account.state as Values;
    account.state = { ...before, url: (await close(before)) ?? null };
    const { state, diagnostics } = await account.read();
    expect(state).toBeNull();
    expect(diagnostics).toEqual([
      expect.stringMatching(/^warning The CA has closed the account: .*another one/),
    ]);
    expect((await account.apply(config())).diagnostics).toEqual([]);
    expect(account.state?.url).not.toBe(before.url);
  });

  it("GIVEN the CA cannot be asked, or does not say, THEN it stays as it is", async () => {
    const account = await created(config());
    const before = account.state;
    await pebble.gate.shut();
    expect(await account.read()).toEqual({ state: before, diagnostics: [] });
    await pebble.gate.reopen();
    expect(await account.read()).toEqual({ state: before, diagnostics: [] });
  });

  it.each([
    ["something else than an address", { contact: ["mailto:a@example.org"] }, /Not an e-mail address/],
    ["half of an external account", { external_account_hmac_key: null }, /Incomplete external account/],
    ["an empty key id", { external_account_key_id: "" }, /Empty text: external_account_key_id/],
    ["an empty HMAC key", { external_account_hmac_key: "" }, /Empty text: external_account_hmac_key/],
    ["an Ed25519 key or none at all", { account_key_pem: "secret" }, /Not a valid account key/],
    ["something else than a certificate", { directory_ca_pem: "x" }, /Not a certificate/],
  ])("refuses %s", async (_, wrong, message) => {
    const diagnostics = await new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases())).validate(
      config(wrong),
    );
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatch(message);
    expect(diagnostics[0]).not.toContain("secret");
  });
});
