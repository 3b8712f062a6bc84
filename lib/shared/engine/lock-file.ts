/** A provider's entry in `.terraform.lock.hcl`. */
export interface LockEntry {
  /** The provider's address: `HOST/NAMESPACE/TYPE`. */
  readonly source: string;
  readonly version: string;
  /** The hash of the provider's package: `h1:…`. */
  readonly hash: string;
}

/**
 * Adds `entry` to a dependency lock file, replacing the entry of the same provider. All other entries stay
 * byte for byte: they belong to the engine and the user.
 *
 * @param text the present contents, or null if the file does not exist
 * @see https://developer.hashicorp.com/terraform/language/files/dependency-lock
 */
export function withLockEntry(text: string | null, entry: LockEntry): string {
  const block = render(entry);
  if (text === null || text.trim() === "") return `${HEADER}\n${block}`;
  const lines = text.split("\n");
  const own = blockOf(lines, entry.source);
  if (own !== null) return joined(lines.slice(0, own.from), block, lines.slice(own.end + 1));
  const next = lines.findIndex((line) => (PROVIDER.exec(line)?.[1] ?? "") > entry.source);
  return next < 0
    ? `${withoutEmptyEnd(lines)}\n\n${block}`
    : joined(lines.slice(0, next), block, ["", ...lines.slice(next)]);
}

/** What a lock file allows of a provider. */
export interface LockedProvider {
  readonly version: string | null;
  readonly hashes: readonly string[];
}

/** The entry of a provider, as engines write it; null if there is none. */
export function lockedProvider(text: string, source: string): LockedProvider | null {
  const lines = text.split("\n");
  const own = blockOf(lines, source);
  if (own === null) return null;
  const block = lines.slice(own.from + 1, own.end);
  const version = block.flatMap((line) => /^\s*version\s*=\s*"([^"]*)"/.exec(line)?.[1] ?? []);
  const hashes = block.flatMap((line) => /^\s*"([^"]*)",?\s*$/.exec(line)?.[1] ?? []);
  return { version: version[0] ?? null, hashes };
}

/** The first and the last line of a provider's block; null if there is none, or if it does not end. */
function blockOf(
  lines: readonly string[],
  source: string,
): { readonly from: number; readonly end: number } | null {
  const from = lines.indexOf(`provider ${JSON.stringify(source)} {`);
  const end = from < 0 ? -1 : lines.findIndex((line, index) => index > from && line.startsWith("}"));
  return end < 0 ? null : { from, end };
}

const PROVIDER = /^provider "([^"]+)" \{$/;

/**
 * Joins the parts of a lock file.
 *
 * @param block ended by a line feed
 */
function joined(before: readonly string[], block: string, after: readonly string[]): string {
  return `${before.map((line) => `${line}\n`).join("")}${block}${after.join("\n")}`;
}

/**
 * Removes empty lines from the end. Line by line: a regular expression would try each of many empty lines
 * within the text.
 */
function withoutEmptyEnd(lines: readonly string[]): string {
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1).join("\n");
}

const HEADER = `# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.
`;

function render({ source, version, hash }: LockEntry): string {
  return `provider ${JSON.stringify(source)} {
  version     = ${JSON.stringify(version)}
  constraints = ${JSON.stringify(version)}
  hashes = [
    ${JSON.stringify(hash)},
  ]
}
`;
}
