import { printableLine } from "../../../shared/printable";
import type { LeftOut } from "../../domain/left-out";
import type { ServiceEndpoint } from "../../service/mail-service";
import type { Lookup } from "../../service/served-certificate";
import type { AcknowledgedSubject } from "./acknowledged-subject";
import type { TableContents } from "./contents";
import { type HostTable, isOptional, type ServiceTable } from "./host-table";

/**
 * Renders the SNI table as Markdown, for reviewers of a change: a section for each host, a row for each name,
 * a column for each service. The rows of a mail domain are consecutive, and nothing is aligned or counted, so
 * that an added mail domain is one change in a section.
 */
export function markdownTable({ hosts, acknowledged, leftOut }: TableContents): string {
  return [
    HEAD,
    ...hosts.map(hostSection),
    ...leftOutSection(leftOut),
    ...acknowledgedSection(acknowledged),
  ].join("\n");
}

const HEAD = `<!-- Written by cdktf-mail-sni whenever the stacks are synthesized: changes made here are undone. -->

# Who is served what

A row is the name that a client asks for (SNI), a column is a mail server with its ports, a cell the mail domain whose
certificate the client is presented: *optional* where the certificate has the name only if DNS led to the mail hosts when it was
ordered. Entries are in \`sni-table.json\`.
`;

function hostSection({ stack, host, names, services, defaultDomain }: HostTable): string {
  const byDefault = defaultDomain ?? "nothing";
  const lines = [
    `## ${stack} / ${host}\n`,
    row(["Name", ...services.map(({ service }) => `${service.name}${ports(service.endpoints)}`)]),
    row(["---", ...services.map(() => "---")]),
    ...names.map((name, index) =>
      services.reduce(
        (cells, { lookups }) => `${cells} ${presented(name, lookups[index] as Lookup, byDefault)} |`,
        `| ${code(name)} |`,
      ),
    ),
    row(["any other, or none", ...services.map(() => byDefault)]),
  ];
  const notes = services.flatMap((service) => notesOn(service, byDefault));
  return `${[...lines, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n")}\n`;
}

/** Notes on clients that the last row (no SNI, or an unlisted name) does not apply to. */
function notesOn({ service, refusesMalformedNames }: ServiceTable, byDefault: string): string[] {
  const { name, endpoints } = service;
  return [
    ...endpoints
      .filter(({ sni }) => sni === false)
      .map(
        ({ port }) =>
          `- Port ${port} of ${name} does not look at the name: everybody is presented ${byDefault}.`,
      ),
    ...(refusesMalformedNames
      ? [
          `- ${name} presents nothing to a client that sends what cannot be a host name, such as \`*.x\` or \`../x\`: it ends the handshake with alert 112.`,
        ]
      : []),
  ];
}

/** The ports at which the server evaluates SNI. */
function ports(endpoints: readonly ServiceEndpoint[]): string {
  const numbers = endpoints.filter(({ sni }) => sni !== false).map(({ port }) => port);
  if (numbers.length === 0) return "";
  return ` (${[...new Set(numbers)].sort((one, other) => one - other).join(", ")})`;
}

function presented(name: string, lookup: Lookup, byDefault: string): string {
  const { certificate, file, entry, reason, refused } = lookup;
  const because = reason === undefined ? "" : `: ${text(reason)}`;
  if (refused) return `nothing, **refused**${because}`;
  if (file !== undefined) return `${code(file)}, **not ours**, by ${code(entry ?? "")}${because}`;
  if (certificate === undefined) return `${byDefault}, **by default**${because}`;
  return isOptional(name, lookup) ? `${certificate.name}, *optional*` : certificate.name;
}

function leftOutSection(leftOut: readonly LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  const lines = leftOut.map(({ file, row, reason }) => `- ${code(row)} of ${code(file)}: ${text(reason)}\n`);
  return [`## Listed, and not served\n\n${lines.join("")}`];
}

/** The acknowledged findings, grouped by acknowledgement: one line for each subject. */
function acknowledgedSection(subjects: readonly AcknowledgedSubject[]): string[] {
  const bySaying = new Map<string, string[]>();
  for (const { code, at, reason, subject } of subjects) {
    const saying = `- ${code} at ${at}: ${text(reason)}`;
    const lines = bySaying.get(saying) ?? [];
    lines.push(`  - ${text(subject)}`);
    bySaying.set(saying, lines);
  }
  return bySaying.size === 0 ? [] : [`## Acknowledged\n\n${[...bySaying].flat(2).join("\n")}\n`];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function code(words: string): string {
  return `\`${text(words).replaceAll("`", "'")}\``;
}

/**
 * Escapes text for a table cell: on one line, without a cell separator, and without terminal control
 * characters. Most texts are names, with nothing to replace.
 */
function text(words: string): string {
  if (PLAIN_WORD.test(words)) return words;
  return printableLine(words.replace(/\s+/g, " ").trim()).replaceAll("|", "\\|");
}

const PLAIN_WORD = /^[\w.*-]*$/;
