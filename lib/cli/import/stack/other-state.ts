import { mostCommon } from "../../../shared/grouping";
import { isRecord } from "../../../shared/is-record";
import { JsonError } from "../../../shared/json/json-error";
import type { Member } from "../../../shared/json/member";
import { parseJson } from "../../../shared/json/parse-json";
import { CliError } from "../../errors/cli-error";
import { neededText } from "../../inputs/text-file";
import type { Declaration } from "../findings/declarations";
import { type Finding, finding } from "../findings/finding";
import { ORIGIN } from "../layouts/source";
import { comment, literal } from "./words";

const MOST_BYTES = 256 * 1024 * 1024;
const MOST_RESOURCES = 100_000;
const LONGEST = 1000;

/** A resource in a state that another stack has written. */
export interface StoredResource {
  /** Its address, with those of its modules; without the key of an instance. */
  readonly address: string;
  readonly type: string;
  readonly provider: string;
  readonly instances: readonly StoredInstance[];
}

interface StoredInstance {
  /** Behind the address: `["key"]`, `[0]`, or nothing. Null if it cannot be written in a program. */
  readonly key: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Reads the managed resources of a state file.
 *
 * @throws CliError `CLI_STATE_INVALID`
 */
export function storedResources(file: string): StoredResource[] {
  const invalid = (reason: string) =>
    new CliError(
      "CLI_STATE_INVALID",
      `The state ${file} cannot be read: ${reason.replace(/\.$/, "")}.`,
      "Give the file that `terraform state pull` or `tofu state pull` prints.",
    );
  const text = neededText(file, MOST_BYTES, invalid);
  try {
    const state = parseJson(text, MOST_BYTES);
    state.member("version").integer(4, 4);
    const all = state.member("resources").list(MOST_RESOURCES, storedResource);
    return all.flatMap((resource) => resource ?? []);
  } catch (error) {
    if (error instanceof JsonError) throw invalid(error.message);
    throw error;
  }
}

const SEGMENT = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const MODULES = /^module\.[A-Za-z0-9_-]+(\.module\.[A-Za-z0-9_-]+)*$/;

/** Null for a data source. */
function storedResource(member: Member): StoredResource | null {
  if (member.member("mode").oneOf(["managed", "data"]) === "data") return null;
  const [type, name] = ["type", "name"].map((key) => segment(member.member(key))) as [string, string];
  const module = member.member("module").optional((each) => {
    const text = each.text(LONGEST);
    if (!MODULES.test(text)) throw each.error("is not the address of a module without keys");
    return `${text}.`;
  });
  return {
    address: `${module ?? ""}${type}.${name}`,
    type,
    provider: member.member("provider").text(LONGEST),
    instances: member.member("instances").list(MOST_RESOURCES, storedInstance),
  };
}

function segment(member: Member): string {
  const text = member.text(LONGEST);
  if (!SEGMENT.test(text)) throw member.error("is not a name");
  return text;
}

function storedInstance(member: Member): StoredInstance {
  const attributes = member.member("attributes").optional((each) => each.raw) ?? {};
  return {
    key: keyOf(member.member("index_key").optional((each) => each.raw) ?? null),
    attributes: isRecord(attributes) ? attributes : {},
  };
}

function keyOf(key: unknown): string | null {
  if (key === null) return "";
  if (typeof key === "number" && Number.isInteger(key)) return `[${key}]`;
  return typeof key === "string" && /^[\w.@:/ -]{1,200}$/.test(key) ? `["${key}"]` : null;
}

/** What the printed stack has for the resources of another stack's state. */
export interface TakenOver {
  /** Lines of the program. */
  readonly lines: readonly string[];
  /** The domains whose certificates the state has. */
  readonly domains: ReadonlySet<string>;
  /** Scheme, host and port of the CA that issued them; null if the state has none of them. */
  readonly caOrigin: string | null;
  readonly findings: readonly Finding[];
}

const NOTHING: TakenOver = { lines: [], domains: new Set(), caOrigin: null, findings: [] };

/**
 * Blocks for the resources of a state that the printed stack goes on with: those of `vancluever/acme` become resources of
 * this library, and the engine forgets keys and files without deleting them.
 */
export function takenOver(
  stored: readonly StoredResource[] | null,
  declared: readonly Declaration[],
): TakenOver {
  if (stored === null) return NOTHING;
  const [moved, removed, others]: [Move[], string[], string[]] = [[], [], []];
  const taken = new Set<string>();
  for (const resource of stored) {
    const moves = movesOf(resource, declared).filter(({ to }) => !taken.has(to));
    for (const { to } of moves) taken.add(to);
    moved.push(...moves);
    // A block for the whole resource would contradict one for an instance.
    if (moves.length > 0) continue;
    if (isForgotten(resource)) removed.push(resource.address);
    else if (!resource.type.startsWith("mailsni_")) others.push(resource.address);
  }
  const lines = [
    ...block(
      "moved",
      "The resources of vancluever/acme become resources of this stack: nothing is ordered.",
      moved.map(movedBlock),
    ),
    ...block("removed", "The engine forgets these, and deletes nothing.", removed.map(removedBlock)),
  ];
  return {
    lines,
    domains: new Set(moved.flatMap(({ domain }) => domain ?? [])),
    caOrigin: mostCommon(moved.flatMap(({ caOrigin }) => caOrigin ?? [])) ?? null,
    findings: others.length > 0 ? [undeclared(others)] : [],
  };
}

interface Move {
  readonly from: string;
  readonly to: string;
  /** That of a certificate; null for an account. */
  readonly domain: string | null;
  /** Null if the state does not have it. */
  readonly caOrigin: string | null;
}

function movesOf(
  { address, type, provider, instances }: StoredResource,
  declared: readonly Declaration[],
): Move[] {
  if (!/\/vancluever\/acme"\]/.test(provider)) return [];
  return instances.flatMap(({ key, attributes }): Move[] => {
    if (key === null) return [];
    const from = `${address}${key}`;
    if (type === "acme_registration")
      return [
        {
          from,
          to: "mailsni_acme_account.acme_ca",
          domain: null,
          caOrigin: origin(attributes.registration_url),
        },
      ];
    const domain = type === "acme_certificate" ? domainOf(attributes, declared) : undefined;
    if (domain === undefined || attributes.certificate_request_pem) return [];
    const to = `mailsni_acme_certificate.c_${domain.replaceAll(".", "_")}`;
    return [{ from, to, domain, caOrigin: origin(attributes.certificate_url) }];
  });
}

function origin(url: unknown): string | null {
  return typeof url === "string" ? (ORIGIN.exec(url)?.[0] ?? null) : null;
}

/** The declared domain with exactly the names of the certificate. */
function domainOf(
  { common_name: name, subject_alternative_names: others }: Readonly<Record<string, unknown>>,
  declared: readonly Declaration[],
): string | undefined {
  const names = new Set(
    [name, ...(Array.isArray(others) ? others : [])].filter((each) => typeof each === "string"),
  );
  return declared.find((one) => one.names.length === names.size && one.names.every((each) => names.has(each)))
    ?.domain;
}

function isForgotten({ type }: StoredResource): boolean {
  return /^(tls|local|acme)_/.test(type);
}

function block(kind: string, words: string, blocks: readonly string[]): string[] {
  if (blocks.length === 0) return [];
  return [
    comment(words),
    `stack.addOverride(${literal(kind)}, [`,
    ...blocks.map((each) => `  ${each},`),
    "]);",
    "",
  ];
}

function movedBlock({ from, to }: Move): string {
  return `{ from: ${literal(from)}, to: ${literal(to)} }`;
}

function removedBlock(address: string): string {
  return `{ from: ${literal(address)}, lifecycle: [{ destroy: false }] }`;
}

function undeclared(addresses: readonly string[]): Finding {
  return finding(
    "state-others",
    "decision",
    "The state has resources that the printed stack does not declare: a deploy with that state would destroy them.",
    "Declare them in the stack, or move the stack's own resources into a state of their own.",
    { places: addresses },
  );
}
