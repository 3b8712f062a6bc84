import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { issueCa, issueLeaf } from "../../../lib/provider/x509/issue";
import { type CaCertificate, readCaCertificate } from "../../../lib/provider/x509/issuing-ca";
import { importPrivate, usableSigning } from "../../../lib/provider/x509/web-crypto";
import { derValues } from "../../../lib/shared/der";
import { parseCertificateName } from "../../../lib/shared/host-name";

const KEYS: Readonly<Record<string, KeyObject>> = {
  "P-256": generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey,
  "P-384": generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey,
  "P-521": generateKeyPairSync("ec", { namedCurve: "secp521r1" }).privateKey,
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
};
const names = (...texts: readonly string[]) => texts.map(parseCertificateName);
const SIGNED_PARTS = 3;

describe.each(Object.keys(KEYS))("issueLeaf, with a CA that has a key of type %s", (type) => {
  const caKey = KEYS[type] as KeyObject;
  let ca: CaCertificate;
  beforeAll(async () => {
    const validity = {
      notBefore: new Date("2026-01-01T00:00:00Z"),
      notAfter: new Date("2060-01-01T00:00:00Z"),
    };
    const pem = await issueCa({ commonName: 'A "CA", of\\ours', key: caKey, ...validity });
    ca = readCaCertificate(pem).value as CaCertificate;
  });

  /** The library makes a certificate of what it reads in ours, and both have to be the same, but for the signature. */
  async function expectAsOfLibrary(pem: string): Promise<void> {
    const ours = new x509.X509Certificate(pem);
    const theirs = await x509.X509CertificateGenerator.create({
      serialNumber: ours.serialNumber,
      ...(ours.subject !== "" && { subject: ours.subjectName }),
      issuer: ours.issuerName,
      notBefore: ours.notBefore,
      notAfter: ours.notAfter,
      publicKey: ours.publicKey,
      signingKey: await importPrivate(caKey),
      signingAlgorithm: usableSigning(caKey),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        ...ours.extensions.slice(1, 3),
        new x509.SubjectAlternativeNameExtension(
          new X509Certificate(pem).subjectAltName
            ?.split(", ")
            .map((name) => ({ type: "dns" as const, value: name.replace("DNS:", "") })) ?? [],
          ours.subject === "",
        ),
        await x509.SubjectKeyIdentifierExtension.create(ours.publicKey),
        ...ours.extensions.slice(5),
      ],
    });
    expect(signedPart(ours)).toBe(signedPart(theirs));
    expect(new X509Certificate(pem).verify(createPublicKey(caKey))).toBe(true);
    expect(new X509Certificate(pem).checkIssued(ca.x509)).toBe(true);
  }

  it.each(Object.keys(KEYS).filter((each) => each !== "P-521"))(
    "GIVEN a key of type %s THEN it has the bytes of the library",
    async (own) => {
      const key = KEYS[own] as KeyObject;
      const validity = {
        notBefore: new Date("2026-02-03T04:05:06Z"),
        notAfter: new Date("2026-05-03T04:05:06Z"),
      };
      const pem = await issueLeaf({ names: names("a.test", "*.a.test"), key, ca, caKey, ...validity });
      await expectAsOfLibrary(pem);
      expect(new X509Certificate(pem).checkPrivateKey(key)).toBe(true);
    },
  );

  it("GIVEN any names and dates THEN it has the bytes of the library", async () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,20}$/);
    const name = fc
      .array(label, { minLength: 1, maxLength: 4 })
      .map((labels) => `a.${labels.join(".")}.test`);
    const seconds = fc.integer({ min: 0, max: 80 * 365 * 86_400 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 1, maxLength: 20 }),
        seconds,
        seconds,
        async (all, from, length) => {
          const notBefore = new Date(Date.UTC(2000, 0, 1) + from * 1000);
          const notAfter = new Date(+notBefore + length * 1000);
          const key = KEYS["P-256"] as KeyObject;
          await expectAsOfLibrary(
            await issueLeaf({ names: names(...all), key, ca, caKey, notBefore, notAfter }),
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it("GIVEN a first name that is too long for a CN THEN there is no subject, and the SAN is critical", async () => {
    const long = `${"a".repeat(60)}.${"b".repeat(20)}.test`;
    const validity = {
      notBefore: new Date("2026-02-03T04:05:06Z"),
      notAfter: new Date("2051-05-03T04:05:06Z"),
    };
    const pem = await issueLeaf({ names: names(long), key: KEYS.RSA as KeyObject, ca, caKey, ...validity });
    await expectAsOfLibrary(pem);
    expect(new X509Certificate(pem).subject).toBeUndefined();
  });
});

/** All of it but the signature, as hex. */
function signedPart({ rawData }: x509.X509Certificate): string {
  const [certificate] = derValues(Buffer.from(rawData));
  const parts = derValues(certificate?.contents ?? Buffer.alloc(0));
  expect(parts).toHaveLength(SIGNED_PARTS);
  return parts
    .slice(0, 2)
    .map(({ contents }) => contents.toString("hex"))
    .join(" ");
}
