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
import { withLockEntry } from "../../shared/engine/lock-file";
import {
  PLATFORMS,
  PROVIDER_SOURCE,
  providerPackage,
  providerVersions,
} from "../../shared/engine/provider-place";
import type { ProviderManifest } from "./manifest";

/**
 * Installs the provider where `terraform init` and `tofu init` find it without a registry or configuration:
 * in the stack's `terraform.d/plugins`, with an entry in the lock file. Without that entry `cdktf deploy`
 * would query a registry.
 *
 * The files of all platforms are hard links to one file. Tools that pack, copy or upload the stack see plain
 * files, and the disk holds the bundle once. Other versions are removed.
 *
 * @param directory of the synthesized stack
 */
export function installProvider(directory: string, manifest: ProviderManifest): void {
  const versions = providerVersions(directory);
  mkdirSync(versions, { recursive: true });
  for (const version of readdirSync(versions)) {
    if (version !== manifest.version) rmSync(join(versions, version), { recursive: true });
  }
  const content = readFileSync(manifest.bundle);
  const staged = join(directory, "terraform.d", `.new-${process.pid}`);
  const [first, ...others] = PLATFORMS.map((platform) =>
    join(providerPackage(directory, manifest.version, platform), manifest.file),
  ) as [string, ...string[]];
  replace(first, content, staged, () => writeFileSync(staged, content));
  for (const other of others) replace(other, content, staged, () => linkOrCopy(first, staged));
  writeLockEntry(join(directory, ".terraform.lock.hcl"), manifest);
}

/**
 * Replaces a file unless its contents are right already: an engine may be running it.
 *
 * @param staged the path at which `make` creates the new file; in another directory, because every file
 *   beside the target counts for the hash
 */
function replace(path: string, content: Buffer, staged: string, make: () => void): void {
  if (!existsSync(path) || !readFileSync(path).equals(content)) {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(staged, { force: true });
    try {
      make();
      renameSync(staged, path);
    } finally {
      rmSync(staged, { force: true });
    }
  }
  // The umask, or an upload, may have dropped the execute bits.
  chmodSync(path, 0o755);
}

/** Links a file, or copies it: some file systems have no hard links, and some containers forbid them. */
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
