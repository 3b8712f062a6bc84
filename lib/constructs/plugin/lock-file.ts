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
  const own = lines.indexOf(`provider ${JSON.stringify(entry.source)} {`);
  const end = own < 0 ? -1 : lines.findIndex((line, index) => index > own && line.startsWith("}"));
  if (end >= 0) return joined(lines.slice(0, own), block, lines.slice(end + 1));
  const next = lines.findIndex((line) => (PROVIDER.exec(line)?.[1] ?? "") > entry.source);
  return next < 0
    ? `${withoutEmptyEnd(lines)}\n\n${block}`
    : joined(lines.slice(0, next), block, ["", ...lines.slice(next)]);
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
