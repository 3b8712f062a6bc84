import { describe, expect, it } from "vitest";
import { BlockPlace, Dovecot, type LocalNameBlock } from "../../../../lib";
import { declare } from "../support/declare";
import { said } from "../support/said";

const EXACT: LocalNameBlock = { names: ["imap.domain9.tld"], certificate: "/etc/ssl/exact.pem" };
const WILDCARD: LocalNameBlock = { names: ["*.domain9.tld"], certificate: "/etc/ssl/wildcard.pem" };

function warnings(make: typeof Dovecot.v23, otherBlocks: LocalNameBlock[]): readonly string[] {
  const { stack, sni } = declare([make({ otherBlocks })]);
  sni.addDomain("domain2.tld");
  return said(stack).warnings;
}

describe("SNI008: blocks overlap in a way that 2.3 and 2.4 resolve differently", () => {
  it("says what is presented instead of what when the server is upgraded", () => {
    expect(warnings(Dovecot.v23, [EXACT, WILDCARD])).toEqual([
      expect.stringMatching(
        /^stack\/mx1: After an upgrade of dovecot on mx1 to Dovecot 2\.4, clients that request imap\.domain9\.tld get \/etc\/ssl\/wildcard\.pem instead of \/etc\/ssl\/exact\.pem: .*\[SNI008\]$/,
      ),
    ]);
  });

  it("warns of names of ours that a later wildcard will take", () => {
    const wildcard = { names: ["*.domain2.tld"], certificate: "/etc/ssl/old.pem", place: BlockPlace.AFTER };

    expect(warnings(Dovecot.v23, [wildcard])).toEqual([
      expect.stringMatching(
        /^stack\/sni\/domain2\.tld: .* imap\.domain2\.tld, .* get \/etc\/ssl\/old\.pem instead of the certificate of domain2\.tld: /,
      ),
    ]);
  });

  it.each<[string, typeof Dovecot.v23, LocalNameBlock[]]>([
    ["a wildcard that no other block overlaps", Dovecot.v23, [WILDCARD]],
    ["exact names", Dovecot.v23, [EXACT, { ...EXACT, names: ["smtp.domain9.tld"] }]],
    [
      "overlapping blocks of one certificate",
      Dovecot.v23,
      [EXACT, { ...WILDCARD, ...{ certificate: EXACT.certificate } }],
    ],
    ["a block that stands where ours win", Dovecot.v23, [{ ...WILDCARD, names: ["*.domain2.tld"] }]],
    ["2.4, which is the last version", Dovecot.v24, [EXACT, WILDCARD]],
  ])("says nothing of %s", (_, make, blocks) => {
    expect(warnings(make, blocks)).toEqual([]);
  });
});
