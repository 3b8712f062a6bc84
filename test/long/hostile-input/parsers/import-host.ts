import { createPublicKey } from "node:crypto";
import ts from "typescript";
import { Certificates } from "../../../../lib/cli/import/findings/certificates";
import { declarationsOf } from "../../../../lib/cli/import/findings/declarations";
import { findingsOf, sorted } from "../../../../lib/cli/import/findings/findings";
import { HostLook, type Look, type Looked } from "../../../../lib/cli/import/gather/host-look";
import { readHost } from "../../../../lib/cli/import/host/read-host";
import type { ImportResult } from "../../../../lib/cli/import/reports/import-result";
import { jsonReport } from "../../../../lib/cli/import/reports/json";
import { foundParts } from "../../../../lib/cli/import/reports/subject";
import { textReport } from "../../../../lib/cli/import/reports/text";
import { storedResources, takenOver } from "../../../../lib/cli/import/stack/other-state";
import { type PrintedStack, printedStack } from "../../../../lib/cli/import/stack/stack";
import { isKnownRenewer } from "../../../../lib/shared/renewers/renewers";
import { isPlain } from "../../../support/hostile-words";
import { bounded } from "./bounded";
import type { CertificateSeeds } from "./certificates";
import { inFile } from "./files";
import type { Parser } from "./parser";
import { cli, never } from "./refusals";

/** Parts of what a host says, by the function of the script that prints them, begin with such a line. */
const PART = "== ";

/** What a host says, all of it, and what an import makes of that: a program that is run with the administrator's rights. */
export function importParsers(certificates: CertificateSeeds): Parser[] {
  const plain = seeds(certificates);
  // Random mutations seldom put a whole expression where it is one.
  const hosts = [...plain, ...plain.map((host) => host.replaceAll("/directory", '/${file("/etc/shadow")}'))];
  return [
    {
      name: "a host, to the stack that an import prints",
      seeds: hosts,
      throws: never,
      read: async (input) => {
        const said = partsOf(input.toString());
        const place = input.length % 2 === 0 ? HERE : ({ kind: "elsewhere" } as const);
        return outcomeOf(await seen(said), place, input.length % 3 === 0 ? "root@mx1" : null);
      },
      repeats: [
        "L\t1\ta.test b.test\n",
        "R\t1\tcertbot\t/etc/cron.d/a\n",
        "T\t\t\t/etc/systemd/system/a@b.timer\n",
        "@",
        "/a",
      ],
      // The same names are in the program, in findings, in the report and in its JSON.
      growth: 400,
      mostMs: 3_000,
      // Each way through it is one of many parsers, which have inputs of their own.
      repeatedBytes: 20_000,
    },
    {
      name: "the state of another stack, for an import",
      seeds: [JSON.stringify(STATE), JSON.stringify({ ...STATE, resources: STATE.resources.slice(0, 1) })],
      throws: cli,
      read: (input) =>
        inFile("earlier.tfstate", input, (path) => {
          const stored = storedResources(path);
          const taken = takenOver(stored, [{ domain: "a.test", names: ["a.test", "imap.a.test"] } as never]);
          checkProgram(["app.synth();", ...taken.lines].join("\n"));
          return [stored.map(({ address, instances }) => [address, instances.map(({ key }) => key)]), taken];
        }),
      repeats: [JSON.stringify(STATE.resources[0]), '{"index_key":0},', '"a",'],
      growth: 40,
    },
  ];
}

const HERE = { kind: "here", pathOf: (path: string) => path, isThere: () => true } as const;

const ACME = 'provider["registry.terraform.io/vancluever/acme"]';
const STATE = {
  version: 4,
  resources: [
    {
      mode: "managed",
      type: "acme_certificate",
      name: "all",
      provider: ACME,
      instances: [
        {
          index_key: "a.test",
          attributes: {
            common_name: "a.test",
            subject_alternative_names: ["imap.a.test"],
            certificate_url: "https://ca.test:14000/certZ/1",
          },
        },
      ],
    },
    { module: "module.mail", mode: "managed", type: "local_file", name: "a", provider: "x", instances: [{}] },
    { mode: "managed", type: "aws_instance", name: "web", provider: "x", instances: [{ index_key: 3 }] },
    { mode: "data", type: "tls_certificate", name: "a" },
  ],
};

function seeds({ chains, combined }: CertificateSeeds): string[] {
  const base64 = (pem: string) =>
    pem
      .split("-----END")[0]
      ?.replace(/^-.*\n/, "")
      .replaceAll("\n", "");
  const leaf = chains.at(-1) as string;
  const publicKey = createPublicKey(combined[1] as string).export({ type: "spki", format: "pem" });
  const live = "/etc/letsencrypt/live/a.test";
  const files = [`${live}/fullchain.pem`, "/var/qmail/control/servercert.pem"];
  const stat = (path: string, inode: number) => `f\t644\troot\troot\t3000\t1:${inode}\t${path}`;
  const common = `== files
${files.map(stat).join("\n")}
${stat(`${live}/privkey.pem`, 9)}
d\t755\troot\troot\t4096\t1:8\t/var/qmail/control
== trees
d\t700\troot\troot\t4096\t1:7\t/var/qmail/control/servercerts/a.test
odd\t1
== pems
A
${files.map((path) => `F\t${path}\nC\t1\t${base64(leaf)}\nB\t?`).join("\n")}
== public_keys
F\t${live}/privkey.pem
${publicKey.toString().trim()}
== listeners
P\t192.0.2.1:993
P\t*:465
== renewers
R\t3\tcertbot\t/etc/cron.d/certbot
T\t\t\t/etc/systemd/system/certbot.service
T\t\t\t/etc/systemd/system/timers.target.wants/certbot.timer
R\tExecStart\tcertbot\t/etc/systemd/system/certbot.service
C\t4\tlego\t/etc/crontab
== hooks
F\tcertbot\t/etc/letsencrypt/renewal-hooks/deploy/a
W\tdoveadm
`;
  const dovecot = `== doveconf_lines
F\tdovecot\t/etc/dovecot/dovecot.conf
L\t1\t# 2.4.1 (abc): /etc/dovecot/dovecot.conf
L\t2\tssl_server_cert_file = ${live}/fullchain.pem
L\t3\tssl_server_key_file = ${live}/privkey.pem
L\t4\tlocal_name imap.b.test {
L\t5\tssl_server_cert_file = ${live}/fullchain.pem
L\t6\t}
S\t0
`;
  return [
    `== configurations
F\tcertbot\t/etc/letsencrypt/renewal/a.test.conf
L\t1\tfullchain = ${live}/fullchain.pem
L\t2\tprivkey = ${live}/privkey.pem
L\t3\taccount = 0123456789abcdef
L\t4\tauthenticator = webroot
L\t5\tserver = https://ca.test/directory
L\t6\twebroot_path = /var/www/a
${dovecot}${common}`,
    `== configurations
F\tdehydrated\t/etc/dehydrated/config
L\t1\tCA=https://ca.test/directory
L\t2\tCERTDIR=/etc/letsencrypt/live
L\t3\tCHALLENGETYPE=dns-01
L\t4\tHOOK=/etc/dehydrated/hook.sh
F\tpostfix\t/etc/postfix/main.cf
L\t1\ttls_server_sni_maps = hash:/etc/postfix/sni
== domains
F\tdomains\t/etc/dehydrated/domains.txt
L\t1\ta.test imap.a.test *.a.test
L\t2\tb.test > b
== lines
F\tpostfix-map\t/etc/postfix/sni
L\t1\ta.test ${live}/privkey.pem ${live}/fullchain.pem
${dovecot}${common}`,
    `${dovecot}${common}`,
  ];
}

/** What the host says to each function. */
function partsOf(text: string): ReadonlyMap<string, Looked> {
  const parts = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith(PART)) {
      current = [];
      parts.set(line.slice(PART.length), current);
    } else current.push(line);
  }
  return parts;
}

async function seen(parts: ReadonlyMap<string, Looked>) {
  class Host extends HostLook {
    override at = async (looks: readonly Look[]): Promise<Looked[]> =>
      looks.map(([mode, kind]) => parts.get(kind === "domains" ? "domains" : mode));
  }
  const facts = await readHost(new Host(undefined as never, "/"));
  const certificates = new Certificates(facts, new Date());
  return { facts, certificates, declarations: declarationsOf(facts, certificates) };
}

type Seen = Awaited<ReturnType<typeof seen>>;

function outcomeOf(
  { facts, certificates, declarations }: Seen,
  place: Parameters<typeof printedStack>[4],
  address: string | null,
): unknown {
  const { declared } = declarations;
  const nothing = takenOver(null, declared);
  const reach = { address, root: "/" };
  const stack = printedStack(facts, declared, certificates, reach, place, { file: null, ...nothing });
  const result: ImportResult = {
    host: address ?? "this machine",
    parts: foundParts(facts),
    findings: sorted([...findingsOf(facts, declarations, certificates), ...stack.findings]),
    declared,
    program: stack.program,
    defaultDomain: stack.defaultDomain,
  };
  return reported(result, stack);
}

function reported(result: ImportResult, { program }: PrintedStack): unknown {
  const text = textReport(result, { isTerminal: false, hasColours: false } as never);
  if (!isPlain(text)) throw new Error("a terminal obeys the report");
  text.split("\n").forEach(bounded);
  const json = jsonReport(result, new Date());
  if (!isPlain(json)) throw new Error("a terminal obeys the JSON");
  JSON.parse(json);
  if (program === null) return [text, json];
  checkProgram(program);
  return [text, json, program];
}

/** The words of a printed stack. Whatever else a host says is in texts and in comments. */
const WORDS = new Set(
  `App LocalBackend TerraformStack app stack sni host issuer mkdirSync recursive mode path synth addDomain addOverride
  HostNames MailHost MailSni Qmail Dovecot MailProtocol Renewer AcmeIssuer PrivateCa Challenge KeyAlgorithm of standard v23 v24
  local ssh letsEncrypt letsEncryptStaging directory httpWebroot dnsHook certbot dehydrated acmeSh lego TLS SMTP IMAP POP3 SIEVE
  ECDSA_P256 ECDSA_P384 RSA_2048 RSA_3072 RSA_4096 address root services retire endpoints port protocol otherBlocks names certificate
  challenge keyAlgorithm adoptFrom adoptAccountKey privateKey hosts defaultDomain from to lifecycle destroy unknown`
    .split(/\s+/)
    .filter((word) => word !== ""),
);
const PLAIN_KINDS = new Set([
  ...[
    ts.SyntaxKind.SourceFile,
    ts.SyntaxKind.ImportDeclaration,
    ts.SyntaxKind.ImportClause,
    ts.SyntaxKind.NamedImports,
  ],
  ...[ts.SyntaxKind.ImportSpecifier, ts.SyntaxKind.VariableStatement, ts.SyntaxKind.VariableDeclarationList],
  ...[ts.SyntaxKind.VariableDeclaration, ts.SyntaxKind.NewExpression, ts.SyntaxKind.CallExpression],
  ...[
    ts.SyntaxKind.ExpressionStatement,
    ts.SyntaxKind.PropertyAccessExpression,
    ts.SyntaxKind.ObjectLiteralExpression,
  ],
  ...[
    ts.SyntaxKind.ShorthandPropertyAssignment,
    ts.SyntaxKind.PropertyAssignment,
    ts.SyntaxKind.ArrayLiteralExpression,
  ],
  ...[
    ts.SyntaxKind.NumericLiteral,
    ts.SyntaxKind.TrueKeyword,
    ts.SyntaxKind.FalseKeyword,
    ts.SyntaxKind.EndOfFileToken,
  ],
]);

/** @throws if a host could have a word in the program, or an expression that the engine evaluates */
function checkProgram(program: string): void {
  if (!isPlain(program)) throw new Error("a terminal obeys the program");
  const source = ts.createSourceFile("main.ts", program, ts.ScriptTarget.ES2022);
  const { parseDiagnostics } = source as unknown as { parseDiagnostics: readonly unknown[] };
  if (parseDiagnostics.length > 0) throw new Error("it is no program");
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      if (!WORDS.has(node.text)) throw new Error(`the program has the word ${node.text}`);
    } else if (ts.isStringLiteral(node)) {
      if (/[$%]\{/.test(node.text)) throw new Error(`the engine evaluates ${node.text}`);
    } else if (!PLAIN_KINDS.has(node.kind)) throw new Error(`the program has ${ts.SyntaxKind[node.kind]}`);
    if (ts.isCallExpression(node) && node.expression.getText(source) === "Renewer.of") {
      const [argument] = node.arguments;
      if (argument === undefined || !ts.isStringLiteral(argument) || !isKnownRenewer(argument.text))
        throw new Error("the program has an unknown client");
    }
    ts.forEachChild(node, look);
  };
  look(source);
}
