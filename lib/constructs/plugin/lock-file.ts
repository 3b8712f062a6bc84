/** A provider as `.terraform.lock.hcl` holds it. */
export interface LockEntry {
  /** `HOST/NAMESPACE/TYPE`. */
  readonly source: string;
  readonly version: string;
  /** `h1:…`. */
  readonly hash: string;
}

/**
 * A dependency lock file with `entry` in it, in place of what it had for the same provider. All other entries stay as
 * they are, byte for byte: they are the engine's and the user's.
 *
 * @param text as it is now, null where there is none
 * @see https://developer.hashicorp.com/terraform/language/files/dependency-lock
 */
export function withLockEntry(text: string | null, entry: LockEntry): string {
  const block = render(entry);
  if (text === null || text.trim() === "") return `${HEADER}\n${block}`;
  const own = new RegExp(`^provider ${JSON.stringify(entry.source)} \\{\n(?:[^}\n].*\n|\n)*\\}\n?`, "m");
  if (own.test(text)) return text.replace(own, () => block);
  const next = [...text.matchAll(/^provider "([^"]+)" \{$/gm)].find(
    ([, source]) => (source as string) > entry.source,
  );
  return next === undefined
    ? `${text.replace(/\n*$/, "\n")}\n${block}`
    : `${text.slice(0, next.index)}${block}\n${text.slice(next.index)}`;
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
