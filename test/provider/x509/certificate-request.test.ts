import "reflect-metadata";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certificateRequest } from "../../../lib/provider/x509/certificate-request";
import { importPrivate, importPublic, usableSigning } from "../../../lib/provider/x509/web-crypto";
import { DER_SEQUENCE, derContents, derValues } from "../../../lib/shared/der";
import { parseCertificateName } from "../../../lib/shared/host-name";

const KEYS: Readonly<Record<string, KeyObject>> = {
  "ECDSA-P256": generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey,
  "ECDSA-P384": generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey,
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
};

/** All but the signature. */
function signedPart(der: Buffer): string[] {
  const [info, algorithm] = derValues(derContents(derValues(der)[0], DER_SEQUENCE));
  return [info, algorithm].map((value) => derContents(value, DER_SEQUENCE).toString("hex"));
}

async function ofLibrary(names: readonly string[], key: KeyObject): Promise<Buffer> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: { privateKey: await importPrivate(key), publicKey: await importPublic(key) },
    signingAlgorithm: usableSigning(key),
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value }))),
    ],
  });
  return Buffer.from(request.rawData);
}

describe.each(Object.keys(KEYS))("certificateRequest, with a key of type %s", (type) => {
  const key = KEYS[type] as KeyObject;
  const requestFor = (names: readonly string[]) => certificateRequest(names.map(parseCertificateName), key);

  it("GIVEN names THEN the key has signed the request, which has its public key", async () => {
    const request = new x509.Pkcs10CertificateRequest(await requestFor(["a.test", "*.a.test"]));
    expect(await request.verify()).toBe(true);
    const spki = createPublicKey(key).export({ format: "der", type: "spki" });
    expect(Buffer.from(request.publicKey.rawData)).toEqual(spki);
  });

  it("GIVEN any names THEN it has the bytes of the library", async () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,20}$/);
    const name = fc
      .array(label, { minLength: 1, maxLength: 4 })
      .map((labels) => `a.${labels.join(".")}.test`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 100 }), async (names) => {
        expect(signedPart(await requestFor(names))).toEqual(signedPart(await ofLibrary(names, key)));
      }),
      { numRuns: 20 },
    );
  });
});
