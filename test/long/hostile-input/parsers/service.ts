import { parseDoveconfListing } from "../../../../lib/constructs/service/doveconf-listing";
import { Dovecot } from "../../../../lib/constructs/service/dovecot";
import { ServedCertificates } from "../../../../lib/constructs/service/served-certificate";
import { NameBlocks, parseNameBlocks } from "../../../../lib/provider/host/services/name-blocks";
import type { Parser } from "./parser";
import { mailSni, never } from "./refusals";

const LISTING_23 = `# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf
# Hostname: mx1
ssl_cert = </etc/ssl/global.pem
service imap-login {
  inet_listener imaps {
    port = 993
  }
}
local_name a.test b.test {
  ssl_cert = </etc/ssl/a.pem
  ssl_key = # hidden, use -P to show it
}
local_name *.c.test {
  ssl_cert = </etc/dovecot/ssl/mail-sni/c.test.pem
}
`;
const LISTING_24 = `# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf
dovecot_config_version = 2.4.0
ssl_server {
  cert_file = /etc/ssl/global.pem
}
local_name d.test {
  ssl_server {
    cert_file = /etc/ssl/d.pem
  }
}
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
