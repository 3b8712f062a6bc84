import { X509Certificate } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { pathFaults } from "../../../../lib/cli/verify/chain/path-faults";
import { address, directory, dnsName, issueOdd, mailbox, subtree, uri } from "../support/odd-chains";

let whole: Buffer;

beforeAll(async () => {
  const forms = [dnsName("a.test"), mailbox("user@a.test"), uri("https://a.test/"), address(10, 1, 2, 3)];
  const names = [...forms, directory("C=DE, O=Acme")];
  const [certificate] = await issueOdd([
    {
      isSelfIssued: false,
      basicConstraints: "ca",
      pathLength: 3,
      keyUsage: [0, 5],
      purposes: ["1.3.6.1.5.5.7.3.1"],
      permitted: names.map((base) => subtree(base)),
      excluded: names.map((base) => subtree(base)),
      names,
      subject: "C=DE, E=user@a.test, ",
      others: [],
    },
  ]);
  whole = Buffer.from(new Uint8Array(certificate?.certificate.rawData ?? new ArrayBuffer(0)));
});

describe("a certificate with wrong bytes", () => {
  it("GIVEN any that OpenSSL loads THEN it is judged", () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    let loaded = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const certificate = loadedBy(changes);
        if (certificate === null) return;
        loaded += 1;
        expect(pathFaults([certificate, certificate])).toBeInstanceOf(Array);
      }),
      { numRuns: 2000 },
    );
    expect(loaded).toBeGreaterThan(200);
  });
});

/** @returns null if OpenSSL does not load it */
function loadedBy(changes: readonly (readonly [at: number, byte: number])[]): X509Certificate | null {
  const der = Buffer.from(whole);
  for (const [at, byte] of changes) der[at % der.length] = byte;
  try {
    return new X509Certificate(der);
  } catch {
    return null;
  }
}
