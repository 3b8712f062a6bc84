import { afterAll, beforeAll, expect, it } from "vitest";
import { deactivateAccount, registerAccount, setContact } from "../../../lib/provider/acme/account";
import { Directory } from "../../../lib/provider/acme/directory";
import { generateKey } from "../../../lib/provider/x509/key-algorithm";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";

const HMAC_KEY = Buffer.from("a secret of the CA and of us, long enough").toString("base64url");
const timeouts = acmeTimeouts();
const registration = { contact: [], termsOfServiceAgreed: true, externalAccount: null };

describeIf(pebbleIsThere, "an account", () => {
  let pebble: Pebble;
  let bound: Pebble;
  let directory: Directory;

  beforeAll(async () => {
    pebble = await Pebble.start({ badNonces: 30 });
    bound = await Pebble.start({ externalAccountKeys: { "kid-1": HMAC_KEY } });
    directory = new Directory(pebble.directoryUrl, pebble.directoryCaPem, timeouts);
  });
  afterAll(async () => {
    directory.close();
    await Promise.all([pebble.stop(), bound.stop()]);
  });

  it("is found again by its key, with its contact brought up to date", async () => {
    const key = await generateKey("ECDSA-P384");
    const { url, existed } = await registerAccount(directory, key, {
      ...registration,
      contact: ["mailto:a@example.org"],
    });
    expect(existed).toBe(false);
    const again = await registerAccount(directory, key, {
      ...registration,
      contact: ["mailto:b@example.org"],
    });
    expect(again).toEqual({ url, existed: true });
    await setContact(directory, key, url, ["mailto:c@example.org"]);
  });

  it("is not used once it was closed", async () => {
    const key = await generateKey("ECDSA-P256");
    const { url } = await registerAccount(directory, key, registration);
    await deactivateAccount(directory, key, url);
    await expect(registerAccount(directory, key, registration)).rejects.toMatchObject({
      name: "AcmeFailure",
      remedy: expect.not.stringMatching(/^$/),
    });
  });

  it("needs the terms to be agreed to", async () => {
    const key = await generateKey("ECDSA-P256");
    const refused = registerAccount(directory, key, { ...registration, termsOfServiceAgreed: false });
    await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/agree/i) });
  });

  it("is bound to an external one where the CA asks for that", async () => {
    const external = new Directory(bound.directoryUrl, bound.directoryCaPem, timeouts);
    const key = await generateKey("ECDSA-P256");
    await expect(registerAccount(external, key, registration)).rejects.toMatchObject({
      remedy: expect.stringContaining("external_account_key_id"),
    });
    const wrong = { keyId: "kid-1", hmacKey: HMAC_KEY.toUpperCase() };
    await expect(
      registerAccount(external, key, { ...registration, externalAccount: wrong }),
    ).rejects.toMatchObject({ remedy: expect.stringContaining("external_account_hmac_key") });
    const externalAccount = { keyId: "kid-1", hmacKey: HMAC_KEY };
    const { url } = await registerAccount(external, key, { ...registration, externalAccount });
    expect(url).toContain("/my-account/");
    external.close();
  });

  it("is not created at a directory whose TLS certificate is not trusted", async () => {
    const untrusted = new Directory(pebble.directoryUrl, null, timeouts);
    await expect(
      registerAccount(untrusted, await generateKey("ECDSA-P256"), registration),
    ).rejects.toMatchObject({
      message: expect.stringContaining("is not trusted"),
      remedy: expect.stringContaining("directory_ca_pem"),
    });
    untrusted.close();
  });

  it("tells that a CA is away, and finds it when it is back", async () => {
    const away = new Directory(pebble.directoryUrl, pebble.directoryCaPem, timeouts);
    const key = await generateKey("ECDSA-P256");
    await pebble.gate.shut();
    await expect(registerAccount(away, key, registration)).rejects.toMatchObject({
      message: expect.stringContaining("cannot be reached"),
    });
    await pebble.gate.reopen();
    await registerAccount(away, key, registration);
    away.close();
  });

  it("is no matter of something that is not an ACME server", async () => {
    const other = new Directory(
      pebble.directoryUrl.replace("/dir", "/nonce-plz"),
      pebble.directoryCaPem,
      timeouts,
    );
    await expect(registerAccount(other, await generateKey("ECDSA-P256"), registration)).rejects.toMatchObject(
      {
        message: expect.stringContaining("is not the directory"),
      },
    );
    other.close();
  });
});
