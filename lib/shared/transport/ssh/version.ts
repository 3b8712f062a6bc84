import { execFile } from "node:child_process";

/** Major and minor version of an OpenSSH: `[9, 2]`. */
export type SshVersion = readonly [major: number, minor: number];

/** What `ssh -V` says, such as `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.19`; null where it is another program's. */
export function parseSshVersion(words: string): SshVersion | null {
  const found = /^OpenSSH_(?:for_Windows_)?(\d{1,3})\.(\d{1,3})/m.exec(words);
  return found && [Number(found[1]), Number(found[2])];
}

export function isAtLeast([major, minor]: SshVersion, [leastMajor, leastMinor]: SshVersion): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** Of the `ssh` of this machine, asked for once; null where that cannot be told. */
export function installedSshVersion(): Promise<SshVersion | null> {
  asked ??= new Promise((resolve) => {
    // On standard error, and in some versions with another exit status.
    execFile("ssh", ["-V"], { timeout: VERSION_TIMEOUT_MS }, (_, stdout, stderr) =>
      resolve(parseSshVersion(`${stderr}\n${stdout}`)),
    );
  });
  return asked;
}

let asked: Promise<SshVersion | null> | undefined;
const VERSION_TIMEOUT_MS = 5_000;
