import { HostLook } from "../../../../lib/cli/import/gather/host-look";
import { listenersIn } from "../../../../lib/cli/import/gather/listeners";
import { listingOf } from "../../../../lib/cli/import/gather/listing";
import { MOST_PEM_BYTES, pemsIn } from "../../../../lib/cli/import/gather/pems";
import { publicKeysIn } from "../../../../lib/cli/import/gather/public-keys";
import { acmeShRows } from "../../../../lib/cli/import/layouts/acme-sh";
import { certbotRows } from "../../../../lib/cli/import/layouts/certbot";
import { dehydratedRows, dehydratedSettings } from "../../../../lib/cli/import/layouts/dehydrated";
import { readDovecot } from "../../../../lib/cli/import/layouts/dovecot";
import { legoRows } from "../../../../lib/cli/import/layouts/lego";
import { postfixServer, postfixSettings } from "../../../../lib/cli/import/layouts/postfix";
import { closedQmailEntries, emptyQmailEntries, qmailServer } from "../../../../lib/cli/import/layouts/qmail";
import { endpointLines } from "../../../../lib/cli/import/stack/endpoints";
import { type ConfigurationFile, filesIn } from "../../../../lib/cli/inputs/configuration-files";
import { type CertificateSeeds, PEM_REPEATS } from "./certificates";
import { LISTING_23, LISTING_24 } from "./doveconf-listings";
import type { Parser } from "./parser";
import { never } from "./refusals";

const HOST = new HostLook(undefined as never, "/");
const asked = ["a.test", "imap.a.test", "*.c.test"];

/** A whole file, as the script on a host prints the lines of it that match. */
function file(kind: string, path: string, text: string): ConfigurationFile {
  const lines = text.split("\n").map((line, index) => ({ number: index + 1, text: line }));
  return { kind, path, lines, status: 0 };
}

/** What clients of CAs, and mail servers, have in their files. */
export function layoutParsers({ combined }: CertificateSeeds): Parser[] {
  return [...clientParsers(), ...serverParsers(), ...answerParsers(combined[0] as string)];
}

const CERTBOT = `# renew_before_expiry = 30 days
version = 2.1.0
archive_dir = /etc/letsencrypt/archive/a.test
privkey = /etc/letsencrypt/live/a.test/privkey.pem
fullchain = /etc/letsencrypt/live/a.test/fullchain.pem
[renewalparams]
account = 0123456789abcdef
authenticator = webroot
server = https://acme-v02.api.letsencrypt.org/directory
webroot_path = /var/www/a, /var/www/b,
[[webroot_map]]
a.test = /var/www/a
`;
const ACME_SH = `Le_Domain='a.test'
Le_Alt='imap.a.test,smtp.a.test'
Le_Webroot='/var/www/a'
Le_API='https://ca.test:14000/dir'
Le_RealFullChainPath='/etc/ssl/a.pem'
Le_RealKeyPath='/etc/ssl/a.key'
`;
const DEHYDRATED = `BASEDIR=/var/lib/dehydrated
export CERTDIR="\${BASEDIR}/certs"
DOMAINS_TXT='/etc/dehydrated/domains.txt' # list
CA=letsencrypt-test
CHALLENGETYPE="dns-01"
HOOK=$BASEDIR/hook.sh
`;
const LEGO = `{
  "domain": "a.test",
  "certUrl": "https://acme-v02.api.letsencrypt.org/acme/cert/1",
  "uri": "https://acme-v02.api.letsencrypt.org/acme/acct/1"
}
`;

function clientParsers(): Parser[] {
  return [
    {
      name: "a renewal configuration of certbot",
      seeds: [CERTBOT],
      throws: never,
      read: (input) =>
        certbotRows([file("certbot", "/etc/letsencrypt/renewal/a.test.conf", input.toString())]),
      repeats: [",", "a = ,", "a = , ", "[[", "]", " = ", "a=", "/a"],
    },
    {
      name: "a configuration of acme.sh",
      seeds: [ACME_SH],
      throws: never,
      read: (input) => acmeShRows([file("acme.sh", "/root/.acme.sh/a.test/a.test.conf", input.toString())]),
      repeats: ["a,", "'", "Le_Alt='", "/a", "https://"],
    },
    {
      name: "a configuration of dehydrated, with its list",
      seeds: [`${DEHYDRATED}\u001ea.test imap.a.test > a\n*.b.test b.test > b\n`, "\u001ea.test\n# b\n"],
      throws: never,
      read: (input) => {
        const [config = "", list = ""] = input.toString().split("\u001e", 2);
        const settings = dehydratedSettings([file("dehydrated", "/etc/dehydrated/config", config)]);
        return settings && dehydratedRows(settings, [file("domains", settings.domainsTxt, list)]);
      },
      repeats: ["$A", "${A}", "A=$A$A\n", "CA=", "BASEDIR=$BASEDIR/\n", '"', "a ", ">", "a\n"],
      // Each row says in which files its certificate is.
      growth: 500,
    },
    {
      name: "a certificate and an account of lego",
      seeds: [LEGO],
      throws: never,
      read: (input) =>
        legoRows([
          file("lego", "/root/.lego/certificates/a.test.json", input.toString()),
          file("lego-account", "/root/.lego/accounts/ca/a@a.test/account.json", input.toString()),
        ]),
      repeats: ['"certUrl" : "', '"a":"', "https://a"],
    },
  ];
}

const DOVECOT_FILES = `dovecot_config_version = 2.4.0
ssl_server_cert_file = /etc/ssl/a.pem
ssl_server_key_file = /etc/ssl/a.key # key
local_name a.test {
  ssl_cert = </etc/ssl/a.pem
  ssl_key = </etc/ssl/a.key
}
remote 192.0.2.0/24 {
  ssl_cert = "/etc/ssl/b.pem"
}
`;
const POSTFIX = `smtpd_tls_cert_file = /etc/ssl/a.pem
smtpd_tls_key_file = $smtpd_tls_cert_file
tls_server_sni_maps = hash:\${config_directory}/sni,
  texthash:/etc/postfix/more
\u001ea.test /etc/ssl/a.key, /etc/ssl/a.pem
.b.test /etc/ssl/b.pem
`;
const LISTING = [
  "d\t755\troot\troot\t4096\t1:1\t/var/qmail/control",
  "f\t640\troot\tqmail\t3000\t1:2\t/var/qmail/control/servercert.pem",
  "d\t700\troot\troot\t4096\t1:3\t/var/qmail/control/servercerts/a.test",
  "f\t640\troot\tqmail\t3000\t1:4\t/var/qmail/control/servercerts/a.test/servercert.pem",
  "l\t777\troot\troot\t9\t1:5\t/var/qmail/control/servercerts/b.test/servercert.pem",
  "odd\t2",
].join("\n");

function serverParsers(): Parser[] {
  const server = (found: ReturnType<typeof postfixServer>) => [
    found,
    asked.map((name) => found?.entryFor(name)),
  ];
  return [
    {
      name: "what doveconf prints of a host to import",
      seeds: [LISTING_23, LISTING_24],
      throws: never,
      read: (input) => {
        const found = readDovecot([file("dovecot", "/etc/dovecot/dovecot.conf", input.toString())], []);
        return [found, server(found?.server ?? null)];
      },
      repeats: ["local_name a {\n  ssl_cert = </a\n}\n", "a ", " {", "local_name ", "* ", "ssl_key = </a\n"],
      growth: 60,
    },
    {
      name: "configuration files of a Dovecot to import",
      seeds: [DOVECOT_FILES],
      throws: never,
      read: (input) => {
        const main = { ...file("dovecot", "/etc/dovecot/dovecot.conf", ""), status: 89 };
        const found = readDovecot([main], [file("dovecot", "/etc/dovecot/conf.d/a.conf", input.toString())]);
        return [found, server(found?.server ?? null)];
      },
      repeats: ["local_name a {\n  ssl_cert = </a\n}\n", "a ", " {", " #", "\t", "ssl_cert = ", '"'],
      growth: 60,
    },
    {
      name: "a configuration of Postfix, with its map",
      seeds: [POSTFIX],
      throws: never,
      read: (input) => {
        const [main = "", map = ""] = input.toString().split("\u001e", 2);
        const settings = postfixSettings([file("postfix", "/etc/postfix/main.cf", main)]);
        if (settings === null) return null;
        return [settings, server(postfixServer(settings, [file("postfix-map", "/etc/postfix/sni", map)]))];
      },
      repeats: ["a=\n", " a\n", ",", "$config_directory", "hash:/a,", "a /b\n", ".a"],
      growth: 60,
    },
    {
      name: "a listing of qmail's entries",
      seeds: [LISTING],
      throws: never,
      read: (input) => {
        const listing = listingOf([input.toString().split("\n"), undefined], HOST);
        return [
          listing,
          server(qmailServer(listing, "/var/qmail")),
          emptyQmailEntries(listing, "/var/qmail"),
          closedQmailEntries(listing, "/var/qmail"),
        ];
      },
      repeats: ["\t", "/", "/..", "odd\t9\n", `${LISTING}\n`],
      growth: 40,
    },
  ];
}

function answerParsers(combined: string): Parser[] {
  const base64 = combined
    .slice(combined.indexOf("-----BEGIN CERTIFICATE"))
    .split("\n")
    .filter((line) => /^[A-Za-z0-9+/=]+$/.test(line))
    .join("");
  const publicKey =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----";
  return [
    {
      name: "the sockets of a host",
      seeds: [
        "P\t0.0.0.0:993\nP\t[::]:995\nP\t*:587\nP\t192.0.2.1%eth0:25\nP\t[2001:db8::1]:465\nP\t127.0.0.1:143",
      ],
      throws: never,
      read: (input) => {
        const listeners = listenersIn(input.toString().split("\n"));
        return [listeners, endpointLines("qmail", listeners), endpointLines("dovecot", listeners)];
      },
      repeats: ["P\t*:993\n", "P\t[::1]:25\n", "%", "%:", "["],
      growth: 20,
    },
    {
      name: "the PEM files of a host",
      seeds: [
        `A\nF\t/etc/ssl/a.pem\nC\t1\t${base64}\nK\tPRIVATE KEY\tencrypted\nF\t/etc/ssl/b.pem\nC\t1\nB\t?\n`,
      ],
      throws: never,
      // A certificate that is there several times is one text.
      read: (input) =>
        [...pemsIn(input.toString().split("\n"), HOST)].map(([path, { certificates, keys, broken }]) => [
          path,
          certificates.reduce((sum, certificate) => sum + certificate.length, 0) <= MOST_PEM_BYTES,
          new Set(certificates),
          keys,
          broken,
        ]),
      repeats: ["F\t/a\n", "C\t1\n", "C\t1\tQUFB\n", "K\n"],
      growth: 60,
    },
    {
      name: "the public keys of a host",
      seeds: [`F\t/etc/ssl/a.key\n${publicKey}\nF\t/etc/ssl/b.key\n\nU\t/etc/ssl/c.key`],
      throws: never,
      read: (input) => [...publicKeysIn(input.toString().split("\n"), HOST)],
      repeats: ["F\t/a\n", ...PEM_REPEATS],
    },
    {
      name: "lines of files of a host",
      seeds: ["F\tcertbot\t/etc/a.conf\nL\t1\tserver = https://ca.test\nS\t0\nL\t9\ta\tb\n"],
      throws: never,
      read: (input) => filesIn(input.toString().split("\n"), HOST.without),
      repeats: ["F\ta\n", "L\t1\n", "S\t1\n", "\t"],
      growth: 20,
    },
  ];
}
