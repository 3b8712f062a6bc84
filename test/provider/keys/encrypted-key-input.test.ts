import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encryptedKeyInput } from "../../../lib/provider/keys/encrypted-key-input";
import { costlyKeyPem, encryptedKeyPem } from "../../support/costly-key";

const PASSPHRASE = "a passphrase of tests";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const PLAIN = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const pkcs8 = (...options: readonly string[]) =>
  execFileSync("openssl", ["pkcs8", "-topk8", "-passout", `pass:${PASSPHRASE}`, ...options], {
    input: PLAIN,
    encoding: "utf8",
  });
const opened = (pem: string) => createPrivateKey({ ...encryptedKeyInput(pem), passphrase: PASSPHRASE });
const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
const fromHex = (hex: string) => encryptedKeyPem(Buffer.from(hex, "hex"));
/** N, r and p as OpenSSL chooses them, and with another p: it bounds the memory (N · r and r · p), and not the time. */
const [SCRYPT, LONG_SCRYPT] = ["02024000020108020101", "0202400002010802017f"];
/** 20,000,000 rounds. */
const PBE_SHA1_3DES = `3032301e060a2a864886f70d010c010330100408${"00".repeat(8)}020401312d000410${"00".repeat(16)}`;

describe("encryptedKeyInput", () => {
  it.each([
    ["PBES2 with PBKDF2", () => pkcs8()],
    ["PBES2 with PBKDF2, as many rounds as careful tools take", () => pkcs8("-iter", "600000")],
    ["PBES2 with scrypt", () => pkcs8("-scrypt")],
    ["PKCS #12's algorithms", () => pkcs8("-v1", "PBE-SHA1-3DES")],
    [
      "OpenSSL's former format",
      () =>
        privateKey
          .export({ type: "sec1", format: "pem", cipher: "aes-256-cbc", passphrase: PASSPHRASE })
          .toString(),
    ],
  ])("GIVEN a key that openssl has encrypted by %s THEN it opens", (_, make) => {
    expect(opened(make()).equals(privateKey)).toBe(true);
  });

  it.each([
    ["rounds of PBKDF2", () => costlyKeyPem(10_000_001), "10000001 rounds"],
    ["rounds of PBKDF2, as many as there can be", () => costlyKeyPem(), "2147483647 rounds"],
    ["rounds of PKCS #12's algorithms", () => fromHex(PBE_SHA1_3DES), "20000000 rounds"],
    [
      "passes of scrypt",
      () => fromHex(derOf(pkcs8("-scrypt")).toString("hex").replace(SCRYPT, LONG_SCRYPT)),
      "16646144 units of scrypt's work",
    ],
  ])("GIVEN too many %s THEN the key is refused before it is opened", (_, make, cost) => {
    expect(() => encryptedKeyInput(make())).toThrow(
      expect.objectContaining({ code: "KEY_DERIVATION_COSTLY", problem: expect.stringContaining(cost) }),
    );
  });

  it.each([
    ["no DER", "00"],
    ["lengths that only BER knows", "3080"],
    ["another algorithm", PBE_SHA1_3DES.replace("060a2a864886f70d010c0103", "060a2a864886f70d010d0103")],
    ["a negative number of rounds", PBE_SHA1_3DES.replace("020401312d00", "0204f1312d00")],
    ["no number of rounds", PBE_SHA1_3DES.replace("020401312d00", "040401312d00")],
  ])("GIVEN %s THEN the key is refused as one that cannot be read", (_, hex) => {
    expect(() => encryptedKeyInput(fromHex(hex))).toThrow(
      expect.objectContaining({ code: "KEY_UNREADABLE" }),
    );
  });

  it("GIVEN a text without a whole block THEN it is refused as a key that cannot be read", () => {
    expect(() => encryptedKeyInput("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n")).toThrow(
      expect.objectContaining({ code: "KEY_UNREADABLE" }),
    );
  });
});
