import { describe, expect, it } from "vitest";
import { BlockPlace, Dovecot, type LocalNameBlock } from "../../../../lib";
import { declare } from "../support/declare";
import { said } from "../support/said";

/** Before ours, where 2.3 takes it first. */
function readFirst(names: string[], certificate = "/etc/ssl/old.pem"): LocalNameBlock {
  return { names, certificate, place: BlockPlace.BEFORE };
}

function declared(make: typeof Dovecot.v23, otherBlocks: LocalNameBlock[]) {
  const { stack, sni } = declare([make({ otherBlocks })]);
  sni.addDomain("domain2.tld");
  return stack;
}

describe("SNI007: an unmanaged block overrides a declared name", () => {
  it("refuses the stack, and says which file is presented for which names, by what, and why", () => {
    expect(said(declared(Dovecot.v23, [readFirst(["imap.domain2.tld", "smtp.domain2.tld"])])).errors).toEqual(
      [
        expect.stringMatching(
          /On mx1, dovecot presents \/etc\/ssl\/old\.pem for imap\.domain2\.tld, smtp\.domain2\.tld .* local_name "imap\.domain2\.tld smtp\.domain2\.tld" in the server's own configuration overrides it .* the first match wins\)\. .*\[SNI007\]$/,
        ),
      ],
    );
  });

  it("is a message a block", () => {
    const blocks = [readFirst(["imap.domain2.tld"]), readFirst(["*.domain1.tld"], "/etc/ssl/wildcard.pem")];

    expect(said(declared(Dovecot.v23, blocks)).errors).toHaveLength(2);
  });

  it.each<[string, typeof Dovecot.v23, LocalNameBlock[]]>([
    ["behind ours on 2.3", Dovecot.v23, [{ names: ["*.domain2.tld"], certificate: "/etc/ssl/old.pem" }]],
    ["before ours on 2.4", Dovecot.v24, [readFirst(["*.domain2.tld"])]],
    ["for a name that is not declared", Dovecot.v23, [readFirst(["webmail.domain2.tld"])]],
    ["for names one label above", Dovecot.v23, [readFirst(["*.imap.domain2.tld"])]],
    [
      "with the certificate that is declared",
      Dovecot.v23,
      [readFirst(["imap.domain2.tld"], "/etc/dovecot/mail-sni/domain2.tld.pem")],
    ],
  ])("lets a block pass that is %s", (_, make, blocks) => {
    expect(said(declared(make, blocks)).errors).toEqual([]);
  });
});
