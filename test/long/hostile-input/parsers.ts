import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { MailDomains } from "../../../lib/constructs/domain/mail-domains";
import { readManifest } from "../../../lib/constructs/plugin/manifest";
import { parseDoveconfListing } from "../../../lib/constructs/service/doveconf-listing";
import { Dovecot } from "../../../lib/constructs/service/dovecot";
import { ServedCertificates } from "../../../lib/constructs/service/served-certificate";
import { topIssuers } from "../../../lib/provider/acme/chain";
import {
  parseAccount,
  parseAlternates,
  parseAuthorization,
  parseChain,
  parseDate,
  parseDirectory,
  parseLocation,
  parseNonce,
  parseOrder,
  parseRenewalWindow,
  parseRetryAfter,
} from "../../../lib/provider/acme/documents";
import { explain } from "../../../lib/provider/acme/explanation";
import { AcmeFailure } from "../../../lib/provider/acme/failure";
import { parseProblem } from "../../../lib/provider/acme/problem";
import { validateEnvironment } from "../../../lib/provider/environment";
import { directoriesWithAcl, parseFacts } from "../../../lib/provider/host/record/facts";
import { LedgerFile, LedgerUnusable } from "../../../lib/provider/host/record/ledger-file";
import { LedgerUnreadable, parseLine } from "../../../lib/provider/host/record/ledger-line";
import { NameBlocks, parseNameBlocks } from "../../../lib/provider/host/services/name-blocks";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { checkConfiguration } from "../../../lib/provider/protocol/configuration";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import { decodePrivate } from "../../../lib/provider/protocol/private-state";
import { decodeObject, encodeObject, WireError } from "../../../lib/provider/protocol/values/dynamic-value";
import { engineSpeaksProtocol } from "../../../lib/provider/protocol/wire/handshake";
import { attributes } from "../../../lib/provider/provider-schema";
import { readCaCertificate, readCaKey } from "../../../lib/provider/x509/issuing-ca";
import { certificateStructure, keyUsageBits, pssDigest } from "../../../lib/shared/certificate-structure";
import { inspectCombinedPem } from "../../../lib/shared/combined-pem";
import { derValues, objectIdentifier } from "../../../lib/shared/der";
import { hidingFiles } from "../../../lib/shared/engine/cli-configuration";
import { withLockEntry } from "../../../lib/shared/engine/lock-file";
import { providerInstallations } from "../../../lib/shared/engine/provider-installation-blocks";
import { MailSniError } from "../../../lib/shared/errors";
import { expiryOf } from "../../../lib/shared/expiry";
import { parseCertificateName, parseHostName } from "../../../lib/shared/host-name";
import { ProxyFault, proxyFor } from "../../../lib/shared/http/proxy";
import { canonicalPem, parsePem } from "../../../lib/shared/pem";
import { printable } from "../../../lib/shared/printable";
import { parseProxyJump, parseSshDestination } from "../../../lib/shared/ssh-destination";
import { checkSshFile } from "../../../lib/shared/ssh-file";
import type { Summary } from "../../../lib/shared/summary";
import { HandshakeError } from "../../../lib/shared/tls/handshake-error";
import { LineStream } from "../../../lib/shared/tls/line-stream";
import type { StartTlsProtocol } from "../../../lib/shared/tls/protocols";
import { startTls } from "../../../lib/shared/tls/starttls";
import { Answers, Flood } from "../../../lib/shared/transport/answers";
import { complaint } from "../../../lib/shared/transport/complaint";
import { pathProblem } from "../../../lib/shared/transport/paths";
import type { Session } from "../../../lib/shared/transport/session";
import {
  connectionProblem,
  connectionTimeout,
  shellProblem,
} from "../../../lib/shared/transport/ssh/diagnosis";
import { knownHosts } from "../../../lib/shared/transport/ssh/known-hosts";
import { SshLog } from "../../../lib/shared/transport/ssh/log";
import { parseSshVersion } from "../../../lib/shared/transport/ssh/version";
import { troubleText } from "../../../lib/shared/transport/trouble";
import { wire } from "../../provider/protocol/support/client";
import { combinedPem, issue } from "../../support/certificates";
import { ENDLESS_ANSWERS, HOSTILE_LEDGER_LINES, REFUSING_GREETINGS } from "../../support/hostile-peers";
import { isPlain } from "../../support/hostile-words";

type Input = string | Uint8Array;

/** Something that reads what others wrote. */
export interface Parser {
  readonly name: string;
  /** What it takes. */
  readonly seeds: readonly Input[];
  /** What it may throw. */
  readonly throws: (error: unknown) => boolean;
  /** Reads, and does with the outcome what the callers do. */
  readonly read: (input: Buffer) => unknown;
  /** What its own grammar makes worth repeating. */
  readonly repeats?: readonly string[];
  /** The most that it may return, as a multiple of what it was given, beside `MOST_OF_ITS_OWN`. @default 8 */
  readonly growth?: number;
  /** How much of the processor's time one input may take, in milliseconds. @default 1000 */
  readonly mostMs?: number;
  /** How long what is repeated is made. @default 100,000 */
  readonly repeatedBytes?: number;
}

const never = () => false;
const only =
  // biome-ignore lint/suspicious/noExplicitAny: classes of errors with any constructor, private ones too
  (type: any) => (error: unknown) => error instanceof type;
const mailSni = only(MailSniError);
const acme = only(AcmeFailure);
const NAMES = ["mail.example.org", "*.example.org"];
const URL_BASE = "https://ca.test";

/** Every parser of outside input, with inputs that it takes. */
export async function parsers(): Promise<Parser[]> {
  const certificates = await certificateSeeds();
  return [
    ...ledgerParsers(),
    ...hostParsers(),
    ...serviceParsers(),
    ...sshParsers(),
    ...certificateParsers(certificates),
    ...listParsers(),
    ...acmeParsers(certificates),
    ...(["smtp", "imap", "pop3", "sieve"] as const).map(startTlsParser),
    ...protocolParsers(),
    ...keyParsers(),
    ...pluginParsers(),
    ...environmentParsers(),
  ];
}

const STATE = "0123456789abcdef";
const LEDGER = `mail-sni-ledger\t1\t.
host\tssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ\t.
begun\t${STATE}\tstack\t2026-01-31T12:00:00Z\tci-1\t.
member\t${STATE}\ttoken-1\t.
claim\tstack\ttoken-1\t/etc/dovecot/ssl/mail-sni/a.test.pem\t.
directory\t/etc/dovecot/ssl/mail-sni\t.
placeholder\t${"ab".repeat(32)}\t/etc/dovecot/ssl/default.pem\t.
owe\tdovecot\tactivation-1\ttoken-1\t.
paid\tactivation-1\t.
stage\t/etc/dovecot/ssl/mail-sni/a.test.pem\t.
closed\t.
kept\t${STATE}\tstack\t2026-01-31T12:00:01Z\tci-1\t.
later-kind\tof a later version\t.
release\ttoken-1\t/etc/dovecot/ssl/mail-sni/a.test.pem\t.
lost\t${STATE}\t.
removed\t/etc/dovecot/ssl/mail-sni\t.
`;

function ledgerParsers(): Parser[] {
  const host = { root: "/", stateDirectory: "/var/lib/mail-sni" } as never;
  const position = (bytes: Buffer, from = 0) =>
    `7 ${bytes.length}\n${bytes.subarray(from).toString("base64")}`;
  return [
    {
      name: "a line of a ledger",
      seeds: [...LEDGER.split("\n"), ...HOSTILE_LEDGER_LINES.map(([, line]) => line)],
      throws: only(LedgerUnreadable),
      read: (input) => parseLine(input.toString()),
    },
    {
      name: "the file of a ledger",
      seeds: [LEDGER, LEDGER.repeat(5)],
      throws: only(LedgerUnusable),
      read: (input) => {
        const file = new LedgerFile(host);
        const half = input.subarray(0, input.length / 2);
        file.catchUp({ status: 0, output: half.length > 0 ? position(half) : "" });
        file.catchUp({ status: 0, output: input.length > 0 ? position(input, half.length) : "" });
        const { ledger } = file;
        return [
          ledger.compacted(),
          ledger.statesInForce("stack", "/"),
          ledger.pathsOfStack("stack"),
          ledger.pendingActivations,
          ledger.unfinished,
        ];
      },
    },
    {
      name: "a host's answer about its ledger",
      seeds: [position(Buffer.from(LEDGER)), position(Buffer.from(LEDGER.slice(0, 200))), ""],
      throws: only(LedgerUnusable),
      read: (input) => {
        const file = new LedgerFile(host);
        file.catchUp({ status: input.length % 7 === 0 ? 1 : 0, output: input.toString() });
        return file.ledger.pendingActivations;
      },
    },
  ];
}

const FACTS = `81a0\t0\t5000\troot\tmail\t"/etc/dovecot/a.pem"
${"0a".repeat(32)}  /etc/dovecot/a.pem
a1ff\t0\t0\troot\troot\t"/etc/link" -> "../else/wh\\303\\244re"
41ed\t0\t0\troot\troot\t"/etc/dovecot/with \\"quotes\\" and \\n"
\\${"0b".repeat(32)}  /etc/with\\\\backslash
stat: cannot statx '/etc/missing': No such file or directory
sha256sum: /etc/secret: Permission denied
`;

function hostParsers(): Parser[] {
  return [
    {
      name: "facts about files",
      seeds: [FACTS, ...FACTS.split("\n")],
      throws: never,
      read: (input) => parseFacts({ status: 0, output: input.toString() }),
      repeats: ['\\"', '"', ' -> "', ': No such file or directory"'],
    },
    {
      name: "a listing of directories with ACLs",
      seeds: [
        'drwxr-xr-x+ 2 root root 4096 Jan  1 12:00 "/etc/a"\ndrwxr-xr-x 2 root root 4096 Jan  1 12:00 "/etc/b"\n',
      ],
      throws: never,
      read: (input) =>
        directoriesWithAcl(sessionThatSays(input.toString()), { root: "/" }, ["/etc/a", "/etc/b"]),
      repeats: ['\\"', '"', '"\\'],
    },
    {
      name: "answers of a shell",
      seeds: ["Welcome\n\n\x1eready\nfirst\n\x1e0\nsecond\n\x1e127\n", "\n\x1eready\n\n\x1e0\n"],
      throws: only(Flood),
      read: (input) => {
        const answers = new Answers();
        for (let count = 0; count < 3; count++) answers.expect(4096);
        const text = input.toString();
        const piece = 1 + (text.length % 977);
        for (let at = 0; at < text.length; at += piece) answers.read(text.slice(at, at + piece));
        return [answers.begun, answers.next(), answers.next()];
      },
    },
    {
      name: "complaints of a host's programs",
      seeds: [
        "cat: /etc/a: Permission denied\n",
        "doveconf: Warning: old\ndoveconf: Fatal: Error in configuration file /etc/a line 3: Unknown setting\n",
        "mv: cannot move 'a' to 'b': No space left on device",
        `line 3: -----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
      ],
      throws: never,
      read: (input) => bounded(complaint(input.toString())),
      repeats: ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----END PRIVATE ", "error "],
    },
    {
      name: "paths of a host",
      seeds: ["/etc/dovecot/a.pem", "/", "/a/../b", "relative"],
      throws: never,
      read: (input) => pathProblem(input.toString()),
      repeats: ["/a", "/..", "/"],
    },
    {
      name: "what is shown in a terminal",
      seeds: ["The file /etc/a cannot be read.\nIt is a directory.\t(EISDIR)"],
      throws: never,
      read: (input) => {
        const diagnostics = new Diagnostics();
        const text = input.toString();
        diagnostics.error(text as Summary, text);
        for (const { summary, detail } of diagnostics.all) {
          if (!isPlain(summary + detail) || summary.includes("\n")) throw new Error("a terminal obeys it");
        }
        return printable(text);
      },
      // Each character that is escaped has six.
      growth: 20,
    },
  ];
}

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

function serviceParsers(): Parser[] {
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

const SSH_WORDS = [
  "debug1: Server host key: ssh-ed25519 SHA256:abc\r\ndebug1: Entering interactive session\r\n",
  "@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nOffending ED25519 key in /root/.ssh/known_hosts:3\r\nHost key verification failed.\r\n",
  "No ED25519 host key is known for mx1 and you have requested strict checking.\r\n",
  "Permissions 0644 for '/root/.ssh/id' are too open.\r\nroot@mx1: Permission denied (publickey).\r\n",
  "no such identity: /root/.ssh/other: No such file or directory\r\nroot@mx1: Permission denied (publickey,password).\r\n",
  "Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures\r\n",
  "ssh: Could not resolve hostname mx1: Name or service not known\r\n",
  "ssh: connect to host mx1 port 22: Connection refused\r\n",
  "ssh: connect to host mx1 port 22: No route to host\r\n",
  "Timeout, server mx1 not responding.\r\n",
  "/root/.ssh/config: line 3: Bad configuration option: foo\r\n",
  "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa\r\n",
  "kex_exchange_identification: read: Connection reset by peer\r\n",
  "channel 2: open failed: connect failed: Connection refused\r\n",
];
const SHELL_WORDS = [
  "sudo: sorry, you must have a tty to run sudo",
  "sudo: a password is required",
  "admin is not in the sudoers file",
  "env: 'doas': No such file or directory",
  "env: can't execute 'timeout': No such file or directory",
  "mux_client_request_session: read from master failed: Session open refused by peer",
  "This account is currently not available.",
  "the shell has not begun within 45 s",
  "the shell ended (exit status 1)",
  "client_loop: send disconnect: Broken pipe",
];
const SSH_SETTINGS = {
  address: "root@mx1:22",
  configFile: null,
  identityFile: null,
  knownHostsFile: null,
  hostKeys: null,
  proxyJump: null,
  become: ["sudo", "-n"],
};

function sshParsers(): Parser[] {
  const key = "AAAAC3NzaC1lZDI1NTE5AAAAIJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  return [
    {
      name: "what ssh says of a connection",
      seeds: [...SSH_WORDS, SSH_WORDS.join("")],
      throws: never,
      read: (input) => {
        const log = new SshLog();
        const text = input.toString();
        const piece = 1 + (text.length % 4093);
        for (let at = 0; at < text.length; at += piece) log.read(text.slice(at, at + piece));
        const problems = [connectionProblem(SSH_SETTINGS, log), connectionTimeout(SSH_SETTINGS, log, 30)];
        return [...problems.map(({ message }) => bounded(message)), log.lastRefusal];
      },
      repeats: [
        "no such identity: : ",
        "no such identity: a: b\n",
        "Permissions  for '",
        "Permissions  for '\n",
        "Unable to negotiate with ",
        "Timeout, server ",
        "No host key is ",
        "No No ",
        "Offending a key in ",
        "connect to host a port 1: ",
        "Permission denied (\n",
        "error\n",
        `connect to host a port 1: ${"a".repeat(20_000)}`,
        `${"no such identity: : ".repeat(99)}\n`,
        `${"Permissions  for '' for '".repeat(79)}\n`,
      ],
    },
    {
      name: "what a shell says before it begins",
      seeds: [...SHELL_WORDS, SHELL_WORDS.join("\n")],
      throws: never,
      read: (input) => bounded(troubleText(shellProblem(SSH_SETTINGS, input.toString()))),
      repeats: [
        "Timeout, server ",
        "env: a",
        "env: ",
        "env: '",
        `env: '${"a".repeat(20_000)}': No such file`,
        "the shell ended (exit status ",
      ],
    },
    {
      name: "the version of ssh",
      seeds: ["OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.14", "OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2"],
      throws: never,
      read: (input) => parseSshVersion(input.toString()),
      repeats: ["OpenSSH_", "OpenSSH_1"],
    },
    {
      name: "host keys of ssh",
      seeds: [
        `ssh-ed25519 ${key} root@mx1`,
        `@cert-authority *.test ssh-ed25519 ${key}`,
        `mx1 ssh-ed25519 ${key}`,
        "SHA256:abc",
      ],
      throws: mailSni,
      read: (input) => knownHosts([input.toString()], []),
    },
    {
      name: "destinations of ssh",
      seeds: ["root@mx1.test:22", "mx1", "root@[2001:db8::1%eth0]:2222", "DOM\\user@mx1", "a@b:1,c@d:2"],
      throws: mailSni,
      read: (input) => [parseProxyJump(input.toString()), parseSshDestination(input.toString())],
      repeats: ["a\\", "[", "%a", "@", "a,"],
      // One destination has three fields for as little as two characters.
      growth: 20,
    },
    {
      name: "files of ssh",
      seeds: ["~/.ssh/id_ed25519", "/etc/ssh/known hosts", "%d/config"],
      throws: mailSni,
      read: (input) => checkSshFile("identityFile", input.toString()),
    },
  ];
}

interface CertificateSeeds {
  readonly combined: readonly string[];
  readonly chains: readonly string[];
  readonly der: readonly Buffer[];
  readonly ca: readonly string[];
}

async function certificateSeeds(): Promise<CertificateSeeds> {
  const ca = await issue({ subject: "CN=Test CA", ca: true });
  const leaf = await issue({
    issuer: ca,
    subject: "CN=mail.example.org, O=Exa\\, mple",
    dnsNames: NAMES,
    extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
    caIssuersUrl: "http://ca.test/ca.der",
  });
  const alone = await issue({ dnsNames: ["a.test"] });
  const combined = combinedPem(leaf, ca);
  return {
    combined: [
      combined,
      combinedPem(alone),
      combined.replaceAll("\n", "\\n"),
      combined.replaceAll("\n", " "),
      combined.replaceAll("\n", "\r\n"),
      Buffer.from(combined).toString("base64"),
    ],
    chains: [leaf.pem + ca.pem, leaf.pem, alone.pem],
    der: [leaf, ca, alone].map(({ pem }) => new X509Certificate(pem).raw),
    ca: [ca.pem, ca.keyPem],
  };
}

const PEM_REPEATS = [
  "-----END A-----",
  "-----END A----- ",
  "-----BEGIN A----- a",
  "-----BEGIN A-----\\n",
  "-----BEGIN A-----\n-----END A-----\n",
  "----- ",
  "QUFB\n",
  "QUFB=",
  "\r\n",
  "  \n",
];

function certificateParsers({ combined, der, ca }: CertificateSeeds): Parser[] {
  const at = new Date();
  const inspect = (text: string) => {
    const inspection = inspectCombinedPem(text, { names: [parseHostName("mail.example.org")], at });
    if (!inspection.ok) return inspection.problems.map(({ message }) => message);
    const { leaf, chain } = inspection.certificate;
    const times = [leaf, ...chain].flatMap(({ notBefore, notAfter }) => [notBefore, notAfter]);
    return [...times, expiryOf(inspection.certificate).notAfter].map((time) => time.toISOString());
  };
  return [
    {
      name: "PEM",
      seeds: combined,
      throws: never,
      read: (input) => {
        const text = input.toString();
        const { blocks, problems } = parsePem(text);
        return [blocks, problems.map(({ message }) => bounded(message)), canonicalPem(text)];
      },
      repeats: PEM_REPEATS,
      // A block has its label in front of it, behind it and beside it.
      growth: 20,
    },
    {
      name: "a combined PEM",
      seeds: combined,
      throws: never,
      read: (input) => inspect(input.toString()),
      repeats: PEM_REPEATS,
    },
    {
      name: "a certificate's DER, in a PEM",
      seeds: der,
      throws: never,
      read: (input) => {
        const [key] = (combined[0] as string).split("-----BEGIN CERTIFICATE", 1) as [string];
        const certificate = pemOf("CERTIFICATE", input);
        return [
          inspect(key + certificate),
          inspectCombinedPem(certificate, { names: [], at, withKey: false }).ok,
        ];
      },
    },
    {
      name: "the structure of a certificate",
      seeds: der,
      throws: never,
      read: (input) => {
        const found = certificateStructure(input);
        const bits = found?.extensions.map(({ value }) => keyUsageBits(value));
        return [found, bits, keyUsageBits(input), pssDigest(found?.signature.parameters ?? input)];
      },
      // A bit is a number.
      growth: 40,
    },
    {
      name: "values of DER",
      seeds: [...der, Buffer.from("06092a864886f70d01010b", "hex"), Buffer.from("0603550403", "hex")],
      throws: only(RangeError),
      read: (input) =>
        derValues(input).map(({ tag, contents }) => (tag === 6 ? objectIdentifier(contents) : contents)),
      growth: 20,
    },
    {
      name: "a private CA",
      seeds: ca,
      throws: never,
      read: (input) => {
        const text = input.toString();
        const { value, problem } = readCaCertificate(text);
        return [problem?.message ?? value?.x509.subject, readCaKey(text, value).problem?.message];
      },
      repeats: PEM_REPEATS,
    },
  ];
}

function listParsers(): Parser[] {
  return [
    {
      name: "host names",
      seeds: [
        "mail.example.org",
        "bücher.example",
        "xn--bcher-kva.example",
        "*.example.org",
        "[2001:db8::1]",
      ],
      throws: mailSni,
      read: (input) => [tried(parseHostName, input.toString()), parseCertificateName(input.toString())],
      repeats: ["a.", "xn--", "ü", "::", "1."],
    },
    {
      name: "domains.txt",
      seeds: [
        "# all\nexample.org mail.example.org imap.example.org\n*.example.net example.net > net\nip:192.0.2.1 a.test > a_rsa\n",
        "bücher.example\r\nexample.com > first > second\n",
      ],
      throws: mailSni,
      read: (input) =>
        inFile("domains.txt", input, (path) =>
          MailDomains.fromDomainsTxt(path).entries.map(({ source }) => source),
        ),
      repeats: [" ", ">", "> ", "a.test ", "a.test\n", "\v"],
      // Each row that is refused has three errors, and vitest looks up the source of each line of their stacks.
      mostMs: 5_000,
      repeatedBytes: 10_000,
      // Each row says in which file it stands.
      growth: 60,
    },
  ];
}

function acmeParsers({ chains }: CertificateSeeds): Parser[] {
  const document = (
    name: string,
    seeds: readonly object[],
    read: (url: string, reply: { body: string }) => unknown,
  ): Parser => ({
    name,
    seeds: seeds.map((seed) => JSON.stringify(seed)),
    throws: acme,
    read: (input) => read(`${URL_BASE}/${name.replaceAll(" ", "-")}`, { body: input.toString() }),
  });
  const header = (
    name: string,
    seeds: readonly string[],
    read: (headers: Record<string, string>) => unknown,
    key: string,
  ): Parser => ({ name, seeds, throws: acme, read: (input) => read({ [key]: input.toString() }) });
  const problem = {
    type: "urn:ietf:params:acme:error:rejectedIdentifier",
    detail: "Some are refused: see https://ca.test/docs",
    subproblems: [
      { type: "urn:ietf:params:acme:error:caa", detail: "no", identifier: { type: "dns", value: "a.test" } },
    ],
  };
  const order = {
    status: "valid",
    finalize: `${URL_BASE}/finalize/1`,
    authorizations: [`${URL_BASE}/authorization/1`],
    certificate: `${URL_BASE}/certificate/1`,
    error: problem,
  };
  return [
    document(
      "a CA's directory",
      [
        {
          newNonce: `${URL_BASE}/nonce`,
          newAccount: `${URL_BASE}/account`,
          newOrder: `${URL_BASE}/order`,
          revokeCert: `${URL_BASE}/revoke`,
          renewalInfo: `${URL_BASE}/renewal`,
        },
      ],
      parseDirectory,
    ),
    document("an account", [{ status: "valid", contact: ["mailto:a@example.org"] }], parseAccount),
    document("an order", [order, { ...order, status: "pending", certificate: undefined }], (url, reply) =>
      parseOrder(url, reply, NAMES.length),
    ),
    document(
      "an authorisation",
      [
        {
          status: "pending",
          identifier: { type: "dns", value: "example.org" },
          wildcard: true,
          challenges: [
            { type: "dns-01", url: `${URL_BASE}/challenge/1`, token: "abcdefghijklmnop", status: "pending" },
            { type: "http-01", url: `${URL_BASE}/challenge/2`, token: "qrstuvwxyzABCDEF", error: problem },
          ],
        },
      ],
      (url, reply) => parseAuthorization(url, reply, NAMES),
    ),
    {
      name: "a CA's chain",
      seeds: chains,
      throws: acme,
      read: (input) => {
        const chain = parseChain(`${URL_BASE}/chain`, { body: input.toString() });
        return [chain, topIssuers([chain])];
      },
      repeats: PEM_REPEATS,
    },
    {
      name: "a CA's problem",
      seeds: [JSON.stringify(problem), JSON.stringify({ type: "about:blank", detail: "no", status: 500 })],
      throws: only(SyntaxError),
      read: (input) => {
        const { message, remedy, names } = explain(parseProblem(JSON.parse(input.toString())), new Date());
        return [message, remedy, names];
      },
      repeats: ["https://a", '{"detail":"x"},'],
    },
    document(
      "renewal information",
      [
        {
          suggestedWindow: { start: "2026-01-02T00:00:00Z", end: "2026-01-03T00:00:00Z" },
          explanationURL: `${URL_BASE}/incident`,
        },
      ],
      parseRenewalWindow,
    ),
    header(
      "the header Retry-After",
      ["120", "Wed, 21 Oct 2026 07:28:00 GMT"],
      (headers) => {
        const wait = parseRetryAfter({ headers });
        return wait === undefined ? null : new Date(Date.now() + wait).toISOString();
      },
      "retry-after",
    ),
    header(
      "the header Date",
      ["Wed, 21 Oct 2026 07:28:00 GMT"],
      (headers) => parseDate({ headers })?.toISOString() ?? null,
      "date",
    ),
    header(
      "the header Link",
      [`<${URL_BASE}/alternate/1>;rel="alternate", <${URL_BASE}/directory>;rel="index"`],
      (headers) => parseAlternates({ headers }),
      "link",
    ),
    header(
      "the header Replay-Nonce",
      ["oFvnlFP1wIhRlYS2jTaXbA"],
      (headers) => parseNonce({ headers }),
      "replay-nonce",
    ),
    header(
      "the header Location",
      [`${URL_BASE}/order/1`],
      (headers) => parseLocation(URL_BASE, { headers }),
      "location",
    ),
  ];
}

const SERVERS: Readonly<Record<StartTlsProtocol, readonly string[]>> = {
  smtp: [
    "220 mx1 ESMTP\r\n250-mx1\r\n250-SIZE 1000\r\n250 STARTTLS\r\n220 go\r\n",
    "220-mx1\r\n220 ESMTP\r\n250 mx1\r\n",
  ],
  imap: [
    "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\na2 OK begin\r\n",
    "* PREAUTH hello\r\n",
  ],
  pop3: ["+OK ready\r\n+OK\r\nCAPA\r\nSTLS\r\n.\r\n+OK begin\r\n", "+OK\r\n-ERR what\r\n-ERR no\r\n"],
  sieve: [
    '"IMPLEMENTATION" "Dovecot"\r\n"SASL" ""\r\n"STARTTLS"\r\nOK "ready"\r\nOK "begin"\r\n',
    '"VERSION" {5}\r\n1.0ab\r\n"STARTTLS"\r\nOK\r\nOK\r\n',
  ],
};

function startTlsParser(protocol: StartTlsProtocol): Parser {
  return {
    name: `the answers of a server before TLS, ${protocol}`,
    seeds: [...SERVERS[protocol], ...hostileServers(protocol)],
    throws: (error) =>
      error instanceof HandshakeError || (error as NodeJS.ErrnoException).code === "ECONNRESET",
    read: async (input) => {
      const lines = new LineStream(serverThatSays(input));
      await startTls(protocol, lines, () => {});
      lines.release();
    },
    repeats: ["250-a\r\n", "* a\r\n", "* CAPABILITY ", " STARTTLS", "{1}\r\na", "{9}", "+OK\r\n", '"a"\r\n'],
  };
}

function hostileServers(protocol: StartTlsProtocol): readonly string[] {
  return [...REFUSING_GREETINGS.map(([spoken, line]) => [spoken, `${line}\r\n`] as const), ...ENDLESS_ANSWERS]
    .filter(([spoken]) => spoken === protocol)
    .map(([, line]) => line);
}

/** Says all of it, in pieces, and hangs up. */
function serverThatSays(input: Buffer): Duplex {
  const piece = 1 + (input.length % 1447);
  let at = 0;
  return new Duplex({
    read() {
      this.push(at < input.length ? input.subarray(at, at + piece) : null);
      at += piece;
    },
    write: (_chunk, _encoding, done) => done(),
  });
}

const PROVIDER_CONFIGURATION = {
  stack: "mail",
  hosts: {
    mx1: {
      address: "root@mx1:22",
      ssh_config_file: null,
      identity_file: null,
      known_hosts_file: null,
      host_keys: ["ssh-ed25519 AAAA"],
      proxy_jump: null,
      become: ["sudo", "-n"],
      gone: false,
      on_unreachable: "warn",
      root: null,
      ownership: null,
      state_directory: "/var/lib/mail-sni",
      services: null,
    },
  },
};

function protocolParsers(): Parser[] {
  const decoded = (field: "json" | "msgpack") => (input: Buffer) => {
    const object = decodeObject(attributes, { [field]: input });
    if (object === null) return null;
    const diagnostics = new Diagnostics();
    checkConfiguration(attributes, object, diagnostics);
    return [object, encodeObject(object), diagnostics.all];
  };
  return [
    {
      name: "a value of the engine, as MessagePack",
      seeds: [wire(PROVIDER_CONFIGURATION).msgpack as Uint8Array, wire(null).msgpack as Uint8Array],
      throws: only(WireError),
      read: decoded("msgpack"),
      growth: 40,
    },
    {
      name: "a value of the engine, as JSON",
      seeds: [JSON.stringify(PROVIDER_CONFIGURATION), "null", '{"stack":1.50e3,"hosts":{"__proto__":null}}'],
      throws: only(WireError),
      read: decoded("json"),
      repeats: ["0", "1", "10", "-", '\\"', '"a",'],
      growth: 40,
    },
    {
      name: "private data of a resource",
      seeds: ['{"id":"id-1","account":{"url":"https://ca.test/1"}}', ""],
      throws: never,
      read: (input) => {
        const diagnostics = new Diagnostics();
        return [decodePrivate(input, diagnostics), diagnostics.all];
      },
      growth: 40,
    },
  ];
}

const PASSPHRASE = "a passphrase of tests";

function keyParsers(): Parser[] {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // 2,048 rounds, where the provider itself takes more: each input is tried with three passphrases.
  const encrypted = { cipher: "aes-256-cbc", passphrase: PASSPHRASE } as const;
  const pem = privateKey.export({ type: "pkcs8", format: "pem", ...encrypted }).toString();
  const old = privateKey.export({ type: "sec1", format: "pem", ...encrypted }).toString();
  const plain = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const read = async (text: string) => {
    const passphrases = new KeyPassphrases(PASSPHRASE, null, "another passphrase");
    const opened = passphrases.open(text);
    if (opened !== text) createPrivateKey(opened);
    return [opened, opened === text ? null : await passphrases.reseal(text)];
  };
  return [
    {
      name: "an encrypted key",
      seeds: [pem, old, plain],
      throws: mailSni,
      read: (input) => read(input.toString()),
      repeats: PEM_REPEATS,
    },
    {
      name: "an encrypted key's DER, in a PEM",
      seeds: [privateKey.export({ type: "pkcs8", format: "der", ...encrypted })],
      throws: mailSni,
      read: (input) => read(pemOf("ENCRYPTED PRIVATE KEY", input)),
    },
    {
      name: "a passphrase",
      seeds: [PASSPHRASE, "short"],
      throws: never,
      read: (input) => {
        const diagnostics = new Diagnostics();
        new KeyPassphrases(input.toString()).validate(diagnostics);
        return diagnostics.all;
      },
    },
  ];
}

function pluginParsers(): Parser[] {
  const configuration = [
    'plugin_cache_dir = "/tmp"\nprovider_installation { # how\n  filesystem_mirror {\n    path = "/usr/share"\n    include = ["example.org/*/*"]\n  }\n}\n',
    '{"provider_installation":[{"direct":{"exclude":["example.org/*/*"]}}]}',
    '/* none */ credentials "app.terraform.io" { token = "a\\"b" } // end\n',
  ];
  const source = "registry.test/mail-sni/mailsni";
  return [
    {
      name: "a CLI configuration",
      seeds: configuration,
      throws: never,
      read: (input) => providerInstallations(input.toString()),
      repeats: ["/*", "//", '"\\', "provider_installation ", "provider_installation{", "}{"],
    },
    {
      name: "a CLI configuration, in its file",
      seeds: configuration,
      throws: never,
      read: (input) =>
        inFile("terraform.rc", input, (path) =>
          hidingFiles(source, "/", { HOME: "/root", TF_CLI_CONFIG_FILE: path } as never),
        ),
    },
    {
      name: "a dependency lock file",
      seeds: [
        `# This file is maintained automatically by "terraform init".\n\nprovider "${source}" {\n  version = "1.0.0"\n  hashes = [\n    "h1:0=",\n  ]\n}\n\nprovider "z.test/a/b" {\n}\n`,
      ],
      throws: never,
      read: (input) => withLockEntry(input.toString(), { source, version: "1.2.3", hash: "h1:1=" }),
      repeats: [`provider "${source}" {\n`, " a\n", "\n", 'provider "a" {\n'],
    },
    {
      name: "the manifest of the provider",
      seeds: ['{"version":"1.2.3","file":"manifest.json","h1":"h1:0=","schema":{}}', "null"],
      throws: mailSni,
      read: (input) => inFile("manifest.json", input, (path) => readManifest(join(path, ".."))),
      growth: 40,
    },
  ];
}

function environmentParsers(): Parser[] {
  return [
    {
      name: "the proxy of the environment",
      seeds: ["http://user:secret@proxy.test:3128\nlocalhost,.example.org,[::1]:443,*", "proxy.test:3128\n"],
      throws: (error) => error instanceof ProxyFault && !error.message.includes("secret"),
      read: (input) => {
        const [HTTPS_PROXY, NO_PROXY] = input.toString().split("\n", 2);
        return proxyFor("ca.test", 443, { HTTPS_PROXY, NO_PROXY })?.href;
      },
      repeats: [":1", "]", "a,", "[", ":"],
    },
    {
      name: "settings of the environment",
      seeds: [`warn\n${STATE}, ${STATE}\n5,6`, "fail\n\n6"],
      throws: never,
      read: (input) => {
        const [first, second, PLUGIN_PROTOCOL_VERSIONS] = input.toString().split("\n", 3);
        const diagnostics = new Diagnostics();
        const values = { MAIL_SNI_ON_UNREACHABLE: first, MAIL_SNI_TAKE_OVER: second };
        validateEnvironment(values, diagnostics);
        return [diagnostics.all, engineSpeaksProtocol({ PLUGIN_PROTOCOL_VERSIONS })];
      },
      // Each identity that is none has a message.
      growth: 300,
    },
  ];
}

function sessionThatSays(output: string): Session {
  return { round: async () => [{ status: 0, output }] } as never;
}

const LONGEST_MESSAGE = 10_000;

/** @throws where a person would not read it to the end */
function bounded(message: string): string {
  if (message.length > LONGEST_MESSAGE) throw new Error(`a message of ${message.length} characters`);
  return message;
}

function tried(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof MailSniError) return error.message;
    throw error;
  }
}

function pemOf(label: string, der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

let directory: string | undefined;

function inFile<T>(name: string, contents: Buffer, read: (path: string) => T): T {
  directory ??= mkdtempSync(join(tmpdir(), "mail-sni-hostile-"));
  const path = join(directory, name);
  writeFileSync(path, contents);
  return read(path);
}

export function removeFiles(): void {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
}
