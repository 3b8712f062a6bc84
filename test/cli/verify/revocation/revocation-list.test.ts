import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509CrlReason } from "@peculiar/x509";
import fc from "fast-check";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { RevocationList, UnusableList } from "../../../../lib/cli/verify/revocation/revocation-list";
import { DER_SEQUENCE, type DerValue, derEncoded, derValues } from "../../../../lib/shared/der";
import { type IssuedCertificate, issue } from "../../../support/certificates";
import { revocationList } from "../support/revocation-lists";

/** The values in a sequence, each as it is encoded. */
function parts(sequence: Buffer): Buffer[] {
  const [{ contents }] = derValues(sequence) as [DerValue];
  return derValues(contents).map((value) => derEncoded(value.tag, value.contents));
}

describe("RevocationList", () => {
  let issuer: IssuedCertificate;
  let leaves: IssuedCertificate[];

  beforeAll(async () => {
    issuer = await issue({ subject: "CN=CA", ca: true });
    leaves = await Promise.all(Array.from({ length: 12 }, () => issue({ issuer })));
  });

  const x509Of = ({ pem }: IssuedCertificate) => new X509Certificate(pem);

  it("has exactly those that it was made with, whatever their serial numbers begin with", async () => {
    const revoked = leaves.filter((_, index) => index % 2 === 0);
    const list = new RevocationList(
      await revocationList({ issuer, revoked, reason: X509CrlReason.superseded }),
    );
    const found = leaves.filter((leaf) => list.revoked(x509Of(leaf)) !== null);
    expect(found).toEqual(revoked);
    const [first] = revoked as [IssuedCertificate];
    expect(list.revoked(x509Of(first))).toEqual({ at: new Date("2026-01-02T03:04:05Z"), reason: 4 });
  });

  it("reads what OpenSSL writes", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-crl-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = (name: string, text: string) => writeFileSync(join(directory, name), text);
    const [leaf, other] = leaves as [IssuedCertificate, IssuedCertificate];
    file("ca.pem", issuer.pem);
    file("ca.key", issuer.keyPem);
    const serial = x509Of(leaf).serialNumber;
    file("index.txt", `R\t351231000000Z\t260102030405Z,keyCompromise\t${serial}\tunknown\t/CN=test\n`);
    file("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=7\n");
    const args = ["ca", "-gencrl", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
    const pem = execFileSync("openssl", args, { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
    const der = execFileSync("openssl", ["crl", "-outform", "DER"], { input: pem });
    const list = new RevocationList(der);
    expect(() => list.check(x509Of(leaf), x509Of(issuer), "http://crl.test", new Date())).not.toThrow();
    expect(list.revoked(x509Of(leaf))).toEqual({ at: new Date("2026-01-02T03:04:05Z"), reason: 1 });
    expect(list.revoked(x509Of(other))).toBeNull();
  });

  it("GIVEN tiny values without end in the list, its signed part or its extensions THEN they are not all read", async () => {
    const der = await revocationList({ issuer, revoked: leaves });
    const [signed, ...rest] = parts(der) as [Buffer, ...Buffer[]];
    const tiny = Buffer.alloc(4000, Buffer.of(5, 0));
    const extensions = derEncoded(0xa0, derEncoded(DER_SEQUENCE, tiny));
    for (const list of [
      Buffer.concat([der, tiny]),
      derEncoded(DER_SEQUENCE, signed, ...rest, tiny),
      derEncoded(DER_SEQUENCE, derEncoded(DER_SEQUENCE, ...parts(signed), tiny), ...rest),
      derEncoded(DER_SEQUENCE, derEncoded(DER_SEQUENCE, ...parts(signed), extensions), ...rest),
    ]) {
      expect(() => new RevocationList(list)).toThrow("is no certificate revocation list");
    }
    expect(() => new RevocationList(derEncoded(DER_SEQUENCE, signed, ...rest))).not.toThrow();
  });

  it("GIVEN any bytes, or a list with some changed THEN it is refused as unusable or its signature is wrong", async () => {
    const der = await revocationList({ issuer, revoked: leaves });
    const leaf = x509Of(leaves[0] as IssuedCertificate);
    const changed = fc
      .tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, bits]) => Buffer.from(der.map((byte, index) => (index === at ? byte ^ bits : byte))));
    const bytes = fc.oneof(
      fc.uint8Array().map((array) => Buffer.from(array)),
      changed,
    );
    fc.assert(
      fc.property(bytes, (list) => {
        expect(() =>
          new RevocationList(list).check(leaf, x509Of(issuer), "http://crl.test", new Date()),
        ).toThrow(UnusableList);
      }),
      { numRuns: 500 },
    );
  });
});
