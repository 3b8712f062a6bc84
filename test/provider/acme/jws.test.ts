import { createHmac, createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isAccountKey, type Jws, JwsSigner } from "../../../lib/provider/acme/jws";
import { generateKey, KEY_ALGORITHMS } from "../../../lib/provider/x509/key-algorithm";

const decoded = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());
const signedText = (jws: Jws) => Buffer.from(`${jws.protected}.${jws.payload}`);

describe("a signed request", () => {
  it.each(KEY_ALGORITHMS)("GIVEN a key %s THEN its public half verifies the signature", async (algorithm) => {
    const key = await generateKey(algorithm);
    const signer = new JwsSigner(key);
    const jws = signer.sign({ url: "https://ca.test/x", nonce: "n", jwk: signer.jwk }, { a: 1 });
    const hash = { ES384: "sha384" }[decoded(jws.protected).alg as string] ?? "sha256";
    const publicKey = createPublicKey({ key: decoded(jws.protected).jwk, format: "jwk" });
    const signature = Buffer.from(jws.signature, "base64url");
    const options = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    expect(isAccountKey(key)).toBe(true);
    expect(verify(hash, signedText(jws), options, signature)).toBe(true);
    expect(decoded(jws.payload)).toEqual({ a: 1 });
  });

  it("GIVEN a key THEN what identifies it holds its public half alone, in the order of RFC 7638", async () => {
    const { jwk } = new JwsSigner(await generateKey("ECDSA-P256"));
    expect(Object.keys(jwk)).toEqual(["crv", "kty", "x", "y"]);
  });

  it("GIVEN nothing to send THEN the payload is empty (POST-as-GET)", async () => {
    const signer = new JwsSigner(await generateKey("ECDSA-P256"));
    expect(signer.sign({ url: "https://ca.test/x", kid: "me" }, null).payload).toBe("");
  });

  it("GIVEN an external account THEN its key signs our public key", async () => {
    const signer = new JwsSigner(await generateKey("ECDSA-P256"));
    const hmacKey = Buffer.from("secret").toString("base64url");
    const jws = signer.bind("https://ca.test/new", { keyId: "kid-1", hmacKey });
    expect(decoded(jws.protected)).toEqual({ alg: "HS256", kid: "kid-1", url: "https://ca.test/new" });
    expect(decoded(jws.payload)).toEqual(signer.jwk);
    const expected = createHmac("sha256", "secret").update(signedText(jws)).digest("base64url");
    expect(jws.signature).toBe(expected);
  });
});
