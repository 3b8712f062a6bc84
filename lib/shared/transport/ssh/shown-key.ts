import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readSync } from "node:fs";
import { signalGroup } from "../../process-group";
import { parseHostKey } from "../../ssh-host-key";
import type { SshSettings } from "../ssh-settings";
import { jumps, keyArguments } from "./arguments";
import { knownHosts } from "./known-hosts";
import { PrivateDirectory } from "./private-directory";
import { installedSshVersion } from "./version";

const LIMIT_MS = 15_000;
/** The maximum size of a key, in bytes; none is larger. */
const MOST_BYTES = 16_384;

/**
 * Reads the public key of an unknown host, such as `ssh-ed25519 AAAA…`, for the user to compare and to
 * configure. ssh prints only fingerprints, so this connects once more. The key is still not trusted, and
 * there is no login.
 *
 * @param seen type and fingerprint of the key that the host showed before; another key is not returned
 * @returns null if it cannot be read: with an older ssh, or for a jump host
 */
export async function shownKey(settings: SshSettings, seen: string | undefined): Promise<string | null> {
  const keys = settings.hostKeys === null ? null : knownHosts(settings.hostKeys, jumps(settings));
  const directory = new PrivateDirectory(keys);
  try {
    await run(keyArguments(settings, directory, directory.shownKey, await installedSshVersion()));
    const key = readKey(directory.shownKey);
    return key !== null && fingerprintOf(key) === seen ? key : null;
  } finally {
    directory.remove();
  }
}

async function run(args: readonly string[]): Promise<void> {
  const ssh = spawn("ssh", args, { stdio: "ignore", detached: true });
  // The process group includes the ssh processes to jump hosts.
  const timer = setTimeout(() => signalGroup(ssh), LIMIT_MS);
  await once(ssh, "close").catch(() => undefined);
  clearTimeout(timer);
}

function readKey(file: string): string | null {
  try {
    const descriptor = openSync(file, "r");
    try {
      const bytes = Buffer.alloc(MOST_BYTES);
      const length = readSync(descriptor, bytes);
      const parsed = parseHostKey(bytes.toString("latin1", 0, length));
      return "key" in parsed ? parsed.key : null;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

/** The fingerprint in ssh's form: `ssh-ed25519 SHA256:…`. */
function fingerprintOf(key: string): string {
  const [type, body = ""] = key.split(" ");
  const digest = createHash("sha256").update(Buffer.from(body, "base64")).digest("base64");
  return `${type} SHA256:${digest.replace(/=+$/, "")}`;
}
