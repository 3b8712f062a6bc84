import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encryptedKeyPem } from "../../../lib/provider/keys/pbes2";
import { generateKey, KEY_ALGORITHMS, privateKeyPem } from "../../../lib/provider/x509/key-algorithm";

const openssl = (args: readonly string[], input: string, passphrase: string) =>
  execFileSync("openssl", args, {
    input,
    env: { PATH: process.env.PATH, PASSPHRASE: passphrase },
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
const PKEY = ["pkey", "-passin", "env:PASSPHRASE"];

describe("encryptedKeyPem", () => {
  it.each(KEY_ALGORITHMS)(
    "GIVEN a key of %s THEN OpenSSL opens it with the passphrase alone",
    async (algorithm) => {
      const key = await generateKey(algorithm);
      const pem = await encryptedKeyPem(key, "the right passphrase");
      expect(openssl(PKEY, pem, "the right passphrase")).toBe(privateKeyPem(key));
      expect(() => openssl(PKEY, pem, "a wrong passphrase")).toThrow();
    },
  );

  it("THEN it is AES-256 with PBKDF2 of SHA-256, more often than OpenSSL does it, in lines of 64", async () => {
    const pem = await encryptedKeyPem(await generateKey("RSA-2048"), "a passphrase");
    const parsed = openssl(["asn1parse"], pem, "");
    for (const object of ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc"]) {
      expect(parsed).toMatch(new RegExp(`OBJECT\\s+:${object}`));
    }
    const [, iterations = ""] = /INTEGER\s+:([0-9A-F]+)/.exec(parsed) ?? [];
    expect(Number.parseInt(iterations, 16)).toBeGreaterThan(2048);
    const [first, ...lines] = pem.trimEnd().split("\n").slice(0, -1);
    expect(first).toBe("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    expect(lines.slice(0, -1).every((line) => line.length === 64)).toBe(true);
  });

  it("GIVEN any passphrase THEN the same key makes the same text, another passphrase or key another one", async () => {
    const keys = await Promise.all([generateKey("ECDSA-P256"), generateKey("ECDSA-P256")]);
    const [key, other] = keys as [(typeof keys)[0], (typeof keys)[0]];
    const passphrases = fc.string({ minLength: 1, maxLength: 200, unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(passphrases, passphrases, async (passphrase, another) => {
        const pem = await encryptedKeyPem(key, passphrase);
        expect(await encryptedKeyPem(key, passphrase)).toBe(pem);
        expect(createPrivateKey({ key: pem, passphrase }).equals(key)).toBe(true);
        if (another !== passphrase) expect(await encryptedKeyPem(key, another)).not.toBe(pem);
        const saltOf = (text: string) => text.split("\n").slice(1, 3).join("").slice(20, 80);
        expect(saltOf(await encryptedKeyPem(other, passphrase))).not.toBe(saltOf(pem));
      }),
      { numRuns: 20 },
    );
  });
});
