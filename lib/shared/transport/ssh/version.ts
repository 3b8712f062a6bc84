import { execFile } from "node:child_process";

/** The major and minor version of OpenSSH: `[9, 2]`. */
export type SshVersion = readonly [major: number, minor: number];

/**
 * Parses the output of `ssh -V`, such as `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.19`; null if it is another
 * program.
 */
export function parseSshVersion(words: string): SshVersion | null {
  const found = /^OpenSSH_(?:for_Windows_)?(\d{1,3})\.(\d{1,3})/m.exec(words);
  return found && [Number(found[1]), Number(found[2])];
}

export function isAtLeast([major, minor]: SshVersion, [leastMajor, leastMinor]: SshVersion): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** The version of this machine's `ssh`, queried once; null if it cannot be determined. */
export function installedSshVersion(): Promise<SshVersion | null> {
  asked ??= new Promise((resolve) => {
    // The version is on standard error, in some versions with an exit status other than 0.
    execFile("ssh", ["-V"], { timeout: VERSION_TIMEOUT_MS }, (_, stdout, stderr) =>
      resolve(parseSshVersion(`${stderr}\n${stdout}`)),
    );
  });
  return asked;
}

let asked: Promise<SshVersion | null> | undefined;
const VERSION_TIMEOUT_MS = 5_000;
