import { parseDoveconfListing } from "../../../../lib/constructs/service/doveconf-listing";
import { Dovecot } from "../../../../lib/constructs/service/dovecot";
import { ServedCertificates } from "../../../../lib/constructs/service/served-certificate";
import { NameBlocks, parseNameBlocks } from "../../../../lib/provider/host/services/name-blocks";
import { firstPlace } from "../../../../lib/provider/host/services/places";
import { LISTING_23, LISTING_24 } from "./doveconf-listings";
import type { Parser } from "./parser";
import { mailSni, never } from "./refusals";

const PLACES = `/etc/dovecot/conf.d/a.conf:3:local_name a.test {
/etc/dovecot/local.conf:12:  # a.test
/etc/dovecot/mail-sni/a.test.conf:1:local_name A.TEST b.test {
`;

export function serviceParsers(): Parser[] {
  const seeds = [LISTING_23, LISTING_24];
  return [
    {
      name: "a listing of doveconf, of the user's",
      seeds,
      throws: mailSni,
      read: (input) => {
        const otherBlocks = parseDoveconfListing(input.toString(), "mx1.txt");
        return [Dovecot.v23, Dovecot.v24].map((make) => {
          const dovecot = make({ otherBlocks });
          return [
            otherBlocks,
            ...["a.test", "x.c.test"].map((name) => dovecot.lookup(name, ServedCertificates.of([]))),
          ];
        });
      },
      repeats: [
        "local_name a.test {\n  ssl_cert = </a\n}\n",
        "  ssl_cert = </a\n",
        "a.test ",
        " {",
        "ssl_cert = ",
      ],
      growth: 60,
      // A listing of 100,000 characters has thousands of blocks, and is declared for two versions.
      mostMs: 3_000,
    },
    {
      name: "places of a configuration",
      seeds: [PLACES],
      throws: never,
      read: (input) => {
        const isOurs = (path: string) => path.includes("/mail-sni/");
        return (
          firstPlace({ root: "/" } as never, { status: 0, output: input.toString() }, "a.test", isOurs) ??
          null
        );
      },
      repeats: ["a.test", "a.", "/a:1:a.test\n", "/a:1:", ":", "1"],
    },
    {
      name: "a listing of doveconf, of a host",
      seeds,
      throws: never,
      read: (input) => {
        const blocks = parseNameBlocks(input.toString(), "^local_name (.+) \\{$");
        return (["first", "last", undefined] as const).map((winner) => {
          const standing = new NameBlocks(blocks, winner);
          return [standing.standing("a.test", "/etc/ssl/a.pem"), standing.rival("a.test", "/etc/ssl/b.pem")];
        });
      },
      repeats: ["local_name a.test {\n}\n", "local_name *.test {\n}\n", "a.test ", "* ", "{", " {"],
    },
  ];
}
