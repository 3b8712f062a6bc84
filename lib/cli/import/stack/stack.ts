import { resolve } from "node:path";
import { isNameOfBlock } from "../../../shared/dovecot/local-name-block";
import { isPlainPath } from "../../../shared/plain-path";
import { userOf } from "../../../shared/renewers/renewers";
import { namesLost } from "../findings/blocks";
import type { Certificates } from "../findings/certificates";
import type { Declaration } from "../findings/declarations";
import type { Finding } from "../findings/finding";
import { SERVER_DIRECTORIES, type ServerDirectories } from "../gather/host-look";
import type { HostFacts } from "../host/read-host";
import type { FoundServer } from "../layouts/server";
import { type AdoptionPlace, printedAdoption } from "./adoption";
import { endpointLines } from "./endpoints";
import { printedIssuer } from "./issuer";
import type { TakenOver } from "./other-state";
import { argumentLines, comment, literal } from "./words";

/** How the stack reaches the host, as the command was told. */
export interface PrintedReach {
  /** `user@host:port`; null for this machine. */
  readonly address: string | null;
  readonly sshConfigFile?: string;
  readonly identityFile?: string;
  readonly knownHostsFile?: string;
  readonly hostKeys?: readonly string[];
  readonly proxyJump?: string;
  readonly become?: readonly string[];
  /** Below which all paths are. */
  readonly root: string;
}

/** A program that declares what was found. */
export interface PrintedStack {
  /** TypeScript; null if there is nothing to declare. */
  readonly program: string | null;
  /** The domain whose certificate clients without SNI get; null without a program. */
  readonly defaultDomain: string | null;
  readonly findings: readonly Finding[];
}

/** The state that the stack goes on with. */
export interface EarlierState extends TakenOver {
  /** Null if it begins with a new one. */
  readonly file: string | null;
}

function backend(file: string | null): string[] {
  if (file !== null)
    return [
      comment("The earlier stack's state. If it has another backend, declare that one."),
      `new LocalBackend(stack, { path: ${literal(resolve(file))} });`,
    ];
  return [
    comment("The state holds private keys: no other user may enter its directory."),
    'mkdirSync("state", { recursive: true, mode: 0o700 });',
    'new LocalBackend(stack, { path: "../../../state/mail.tfstate" });',
  ];
}

/** Prints the stack. It type-checks, and it synthesizes unless a finding says what has to be decided first. */
export function printedStack(
  facts: HostFacts,
  declared: readonly Declaration[],
  certificates: Certificates,
  reach: PrintedReach,
  place: AdoptionPlace,
  earlier: EarlierState,
): PrintedStack {
  const services = facts.servers.flatMap((server) => serviceOf(server, declared, facts));
  const [first] = declared;
  if (first === undefined || services.length === 0)
    return { program: null, defaultDomain: null, findings: [] };
  const adoption = printedAdoption(declared, certificates, place, earlier.domains);
  const issuer = printedIssuer(declared, adoption, earlier.caOrigin);
  const retired = retiredPrograms(facts);
  const host = hostOf(reach, services, retired);
  const defaultDomain = defaultOf(facts, declared, certificates) ?? first.domain;
  const imports = [
    "HostNames",
    "MailHost",
    "MailSni",
    ...services.flatMap((service) => service.imports),
    ...(retired.length > 0 ? ["Renewer"] : []),
    ...issuer.imports,
  ];
  const program = [
    ...stackHead(imports, earlier.file),
    "",
    ...host,
    "",
    ...issuer.lines,
    "",
    `const sni = new MailSni(stack, "sni", { hosts: [host], issuer, defaultDomain: ${literal(defaultDomain)} });`,
    ...declared.flatMap((declaration) => domainLines(declaration, issuer.ofDomain(declaration))),
    "",
    ...earlier.lines,
    "app.synth();",
    "",
  ].join("\n");
  return { program, defaultDomain, findings: [...issuer.findings, ...earlier.findings] };
}

/** The imports, the stack and its state. */
function stackHead(imports: readonly string[], earlierState: string | null): string[] {
  return [
    ...(earlierState === null ? ['import { mkdirSync } from "node:fs";'] : []),
    'import { App, LocalBackend, TerraformStack } from "cdktf";',
    `import { ${[...new Set(imports)].sort().join(", ")} } from "cdktf-mail-sni";`,
    "",
    "const app = new App();",
    'const stack = new TerraformStack(app, "mail");',
    "",
    ...backend(earlierState),
  ];
}

function domainLines({ domain, names, source }: Declaration, more: readonly string[]): string[] {
  return [
    comment(source),
    `sni.addDomain(${literal(domain)}, {`,
    ...argumentLines("names: HostNames.of(", names.map(literal), "),", "  "),
    ...more.map((line) => `  ${line}`),
    "});",
  ];
}

/** The domain whose certificate the first server presents by default. */
function defaultOf(
  { servers }: HostFacts,
  declared: readonly Declaration[],
  certificates: Certificates,
): string | undefined {
  for (const { fallback } of servers) {
    const leaf = certificates.leafAt(fallback?.certificate);
    if (leaf === null) continue;
    const same = declared.find(
      ({ pair }) => certificates.leafAt(pair.certificate)?.fingerprintSha256 === leaf.fingerprintSha256,
    );
    const named = declared.find(({ domain }) => leaf.dnsNames.includes(domain));
    const found = same ?? named;
    if (found !== undefined) return found.domain;
  }
  return undefined;
}

interface PrintedService {
  /** What its lines need of the package. */
  readonly imports: readonly string[];
  readonly lines: readonly string[];
}

function serviceOf(
  server: FoundServer,
  declared: readonly Declaration[],
  facts: HostFacts,
): PrintedService[] {
  if (server.kind === "postfix") return [];
  return [server.kind === "qmail" ? qmailOf(facts) : dovecotOf(server, declared, facts)];
}

function qmailOf({ directories, listeners }: HostFacts): PrintedService {
  const endpoints = endpointLines("qmail", listeners);
  const lines = callLines("Qmail.standard", [directoryLine(directories, "qmail"), endpoints]);
  const smtps = comment("smtps says what answers on port 465: the stock script ignores SNI.");
  return { imports: importsOf("Qmail", endpoints), lines: endpoints.length > 0 ? lines : [smtps, ...lines] };
}

function dovecotOf(
  server: FoundServer,
  declared: readonly Declaration[],
  { directories, listeners }: HostFacts,
): PrintedService {
  const factory = server.version === "2.3" ? "Dovecot.v23" : "Dovecot.v24";
  const blocks = otherBlocks(server, declared);
  const endpoints = endpointLines("dovecot", listeners);
  const listed = blocks.length === 0 ? [] : ["otherBlocks: [", ...blocks.map((block) => `  ${block}`), "],"];
  const lines = callLines(factory, [directoryLine(directories, "dovecot"), endpoints, listed]);
  const remove = comment("Remove the blocks below from the host after the first deploy, and from here.");
  return { imports: importsOf("Dovecot", endpoints), lines: blocks.length > 0 ? [remove, ...lines] : lines };
}

function importsOf(service: string, endpoints: readonly string[]): string[] {
  return endpoints.length > 0 ? [service, "MailProtocol"] : [service];
}

/** The option for a server in another directory than usual. */
function directoryLine(directories: ServerDirectories, server: keyof ServerDirectories): string[] {
  const directory = directories[server];
  return directory === SERVER_DIRECTORIES[server] ? [] : [`directory: ${literal(directory)},`];
}

/** A call with an object of options, each of which has some lines or none. */
function callLines(callee: string, options: readonly (readonly string[])[]): string[] {
  const lines = options.flat();
  const [first] = lines;
  if (first === undefined) return [`${callee}(),`];
  if (lines.length === 1) return [`${callee}({ ${first.replace(/,$/, "")} }),`];
  return [`${callee}({`, ...lines.map((line) => `  ${line}`), "}),"];
}

/** Blocks that stay in the configuration, so that the SNI table and the rules know of them. */
function otherBlocks(server: FoundServer, declared: readonly Declaration[]): string[] {
  // With them the stack would be refused, and a finding says so.
  if (namesLost(server, declared).length > 0) return [];
  return server.entries.flatMap(({ names, certificate }) => {
    const isUsable = names.every(isNameOfBlock) && isPlainPath(certificate);
    if (!isUsable || (server.version === "2.4" && names.length > 1)) return [];
    return [`{ names: [${names.map(literal).join(", ")}], certificate: ${literal(certificate)} },`];
  });
}

/** The clients that run from time to time, and that a deploy can switch off. */
function retiredPrograms({ renewers }: HostFacts): string[] {
  const own = renewers.filter((renewer) => userOf(renewer) === null);
  return [...new Set(own.map(({ program }) => program))].sort();
}

const FACTORIES: ReadonlyMap<string, string> = new Map([
  ["certbot", "Renewer.certbot()"],
  ["dehydrated", "Renewer.dehydrated()"],
  ["acme.sh", "Renewer.acmeSh()"],
  ["lego", "Renewer.lego()"],
]);

function retireLines(programs: readonly string[]): string[] {
  if (programs.length === 0) return [];
  const renewers = programs.map((program) => FACTORIES.get(program) ?? `Renewer.of(${literal(program)})`);
  return [
    comment("Switched off by the first deploy, and on again by a destroy."),
    `retire: [${renewers.join(", ")}],`,
  ];
}

function hostOf(
  reach: PrintedReach,
  services: readonly PrintedService[],
  retired: readonly string[],
): string[] {
  const { address, root } = reach;
  const id = hostId(address);
  const options = [
    ...(address === null ? [] : [`address: ${literal(address)},`]),
    ...sshOptions(reach),
    ...(root === "/" ? [] : [`root: ${literal(root)},`]),
  ];
  return [
    `const host = MailHost.${address === null ? "local" : "ssh"}(stack, ${literal(id)}, {`,
    ...options.map((line) => `  ${line}`),
    "  services: [",
    ...services.flatMap(({ lines }) => lines.map((line) => `    ${line}`)),
    "  ],",
    ...retireLines(retired).map((line) => `  ${line}`),
    "});",
  ];
}

function sshOptions(reach: PrintedReach): string[] {
  const { sshConfigFile, identityFile, knownHostsFile, proxyJump, hostKeys, become } = reach;
  const texts = { sshConfigFile, identityFile, knownHostsFile, proxyJump };
  const lists = { hostKeys, become };
  return [
    ...Object.entries(texts).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${literal(value)},`],
    ),
    ...Object.entries(lists).flatMap(([name, values]) =>
      values === undefined ? [] : [`${name}: [${values.map(literal).join(", ")}],`],
    ),
  ];
}

/** The host's part of a destination, as an id: letters, digits and hyphens. */
function hostId(address: string | null): string {
  const host = (address ?? "").replace(/^.*@/, "").replace(/:\d+$/, "");
  const isAddress = /^[\d.]+$|:/.test(host);
  const label = isAddress ? "" : (host.split(".")[0] ?? "").replace(/[^A-Za-z0-9-]/g, "-").replace(/^-+/, "");
  return label === "" ? "mx1" : label;
}
