import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { withLockEntry } from "./lock-file";
import type { ProviderManifest } from "./manifest";

/**
 * The provider's address. Its host is below a top-level domain that nobody can register (RFC 6761 §6.4), so that nobody
 * else can ever publish a program under it; written out, it means the same to Terraform and OpenTofu.
 */
export const PROVIDER_SOURCE = "mail-sni.invalid/mail-sni/mailsni";

/** All run the same bundle. */
const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

/**
 * Puts the provider where `terraform init` and `tofu init` find it without a registry or any configuration: below the
 * stack's own `terraform.d/plugins`, with its entry in the lock file. Without that entry `cdktf deploy` would ask a
 * registry for it.
 *
 * The platforms' files are hard links to one file: a plain file to whatever packs, copies or uploads the stack, and
 * still there only once. Versions that are not this one are removed.
 *
 * @param directory of the synthesized stack
 */
export function installProvider(directory: string, manifest: ProviderManifest): void {
  const versions = join(directory, "terraform.d", "plugins", PROVIDER_SOURCE);
  mkdirSync(versions, { recursive: true });
  for (const version of readdirSync(versions)) {
    if (version !== manifest.version) rmSync(join(versions, version), { recursive: true });
  }
  const content = readFileSync(manifest.bundle);
  const staged = join(directory, "terraform.d", `.new-${process.pid}`);
  const [first, ...others] = PLATFORMS.map((platform) =>
    join(versions, manifest.version, platform, manifest.file),
  ) as [string, ...string[]];
  replace(first, content, staged, () => writeFileSync(staged, content));
  for (const other of others) replace(other, content, staged, () => linkOrCopy(first, staged));
  writeLockEntry(join(directory, ".terraform.lock.hcl"), manifest);
}

/**
 * Leaves a file alone that is right already: an engine may be running it.
 *
 * @param staged where `make` makes the new one; not beside it, since every file there counts for the hash
 */
function replace(path: string, content: Buffer, staged: string, make: () => void): void {
  if (!existsSync(path) || !readFileSync(path).equals(content)) {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(staged, { force: true });
    make();
    renameSync(staged, path);
  }
  // Whatever the umask, and whatever an upload has dropped.
  chmodSync(path, 0o755);
}

/** Some file systems have no links, and some containers forbid them. */
function linkOrCopy(existing: string, target: string): void {
  try {
    linkSync(existing, target);
  } catch {
    copyFileSync(existing, target);
  }
}

function writeLockEntry(path: string, { version, h1 }: ProviderManifest): void {
  const text = existsSync(path) ? readFileSync(path, "utf8") : null;
  const locked = withLockEntry(text, { source: PROVIDER_SOURCE, version, hash: h1 });
  if (locked !== text) writeFileSync(path, locked);
}
