import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isEncryptedKey, withKeysReplaced } from "../../lib/shared/encrypted-key";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const secret = { cipher: "aes-256-cbc", passphrase: "secret", format: "pem" } as const;
const plain = (["pkcs1", "pkcs8"] as const).map((type) => `${privateKey.export({ type, format: "pem" })}`);
const encrypted = (["pkcs1", "pkcs8"] as const).map((type) => `${privateKey.export({ type, ...secret })}`);
const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("isEncryptedKey", () => {
  it("tells encrypted keys from others, alone and among certificates, with line ends of Windows too", () => {
    for (const pem of encrypted) {
      expect([pem, certificate + pem, pem.replaceAll("\n", "\r\n")].map(isEncryptedKey)).toEqual([
        true,
        true,
        true,
      ]);
    }
    for (const pem of plain) expect([pem, pem + certificate].map(isEncryptedKey)).toEqual([false, false]);
    expect(isEncryptedKey(certificate)).toBe(false);
  });
});

describe("withKeysReplaced", () => {
  it("puts something else in the place of each key, and leaves all else as it is", () => {
    for (const key of [...plain, ...encrypted]) {
      const text = `# a comment $&\n${key}${certificate}`;
      expect(withKeysReplaced(text, () => "$& it")).toBe(`# a comment $&\n$& it\n${certificate}`);
      expect(withKeysReplaced(text, (block) => block)).toBe(text);
    }
    expect(withKeysReplaced(certificate, () => "never")).toBe(certificate);
  });
});
