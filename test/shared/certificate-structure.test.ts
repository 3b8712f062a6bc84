import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { certificateStructure, keyUsageBits, pssDigest } from "../../lib/shared/certificate-structure";
import { derValues, objectIdentifier } from "../../lib/shared/der";
import { asVersion1, issue } from "../support/certificates";

let der: Buffer;
let parsed: x509.X509Certificate;
beforeAll(async () => {
  const { pem } = await issue({
    ca: true,
    dnsNames: ["a.test", `${"b".repeat(60)}.test`],
    extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.cRLSign),
    ],
  });
  der = new X509Certificate(pem).raw;
  parsed = new x509.X509Certificate(pem);
});

describe("certificateStructure", () => {
  it("GIVEN a certificate THEN its extensions are those that another library finds", () => {
    const expected = parsed.extensions.map(({ type, critical, value }) => ({
      id: type,
      critical,
      value: Buffer.from(value).toString("hex"),
    }));
    const found = certificateStructure(der)?.extensions ?? [];
    expect(found.map((each) => ({ ...each, value: each.value.toString("hex") }))).toEqual(expected);
    expect(found).toHaveLength(4);
  });

  it("GIVEN a certificate THEN its signature algorithm is told", () => {
    expect(certificateStructure(der)?.signature.algorithm).toBe("1.2.840.10045.4.3.2");
  });

  it("GIVEN a certificate THEN its version and its subject are told, also without extensions", async () => {
    const issued = await issue({ subject: "CN=old" });
    const name = Buffer.from(new Uint8Array(new x509.Name("CN=old").toArrayBuffer()));
    const subject = derValues(name)[0]?.contents;
    expect(certificateStructure(new X509Certificate(issued.pem).raw)).toMatchObject({ version: 3, subject });
    const old = new X509Certificate(asVersion1(issued)).raw;
    expect(certificateStructure(old)).toMatchObject({ version: 1, subject, extensions: [] });
  });

  it("GIVEN a key usage THEN its bits are told by number", () => {
    const usage = certificateStructure(der)?.extensions.find(({ id }) => id === "2.5.29.15");
    expect(keyUsageBits(usage?.value ?? Buffer.alloc(0))).toEqual(new Set([0, 6]));
    expect(keyUsageBits(Buffer.from([4, 1, 0]))).toBeNull();
  });

  it("GIVEN parameters of RSASSA-PSS without a digest THEN it is SHA-1", () => {
    expect(pssDigest(Buffer.alloc(0))).toBe("1.3.14.3.2.26");
    expect(pssDigest(Buffer.from("a00d300b0609608648016503040201", "hex"))).toBe("2.16.840.1.101.3.4.2.1");
  });

  it("GIVEN a certificate that is damaged or cut off anywhere THEN it never throws", () => {
    const damaged = fc
      .tuple(fc.nat(400), fc.nat(255))
      .map(([at, byte]) => Buffer.from(der.map((original, index) => (index === at ? byte : original))));
    const cut = fc.nat(400).map((length) => der.subarray(0, length));
    const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, cut, garbage), (bytes) => {
        const structure = certificateStructure(bytes);
        for (const { value } of structure?.extensions ?? []) keyUsageBits(value);
        pssDigest(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("derValues", () => {
  it.each([
    ["a value that is cut off", "0205"],
    ["a length that is cut off", "0282"],
    ["an indefinite length", "30800000"],
    ["a length of more bytes than there can be", "3085ffffffffff"],
    ["a tag in the long form", "1f8101"],
  ])("GIVEN %s THEN it is refused", (_, hex) => {
    expect(() => derValues(Buffer.from(hex, "hex"))).toThrow(RangeError);
  });

  it("GIVEN any content of any length THEN it is found again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
        const { length } = content;
        const size = length < 0x80 ? [length] : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
        const [value, second] = derValues(Buffer.from([0x04, ...size, ...content, 0x05, 0x00]));
        expect(value?.contents.equals(content)).toBe(true);
        expect(second).toMatchObject({ tag: 0x05 });
      }),
      { numRuns: 50 },
    );
  });
});

describe("objectIdentifier", () => {
  it.each([
    ["551d0f", "2.5.29.15"],
    ["2a864886f70d010105", "1.2.840.113549.1.1.5"],
    ["883703", "2.999.3"],
  ])("GIVEN %s THEN %s", (hex, expected) => {
    expect(objectIdentifier(Buffer.from(hex, "hex"))).toBe(expected);
  });

  it("GIVEN none, or one that is cut off THEN it is refused", () => {
    expect(() => objectIdentifier(Buffer.alloc(0))).toThrow(RangeError);
    expect(() => objectIdentifier(Buffer.from([0x55, 0x9d]))).toThrow(RangeError);
  });
});
