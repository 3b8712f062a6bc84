import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** Debian's `nobody`. */
export const OTHER_UID = 65_534;

/**
 * Exchanges what is at a path for a link, and the link for what was there, as fast as it can: 1 is the path, 2 the link, 3
 * a name that is free. Fails where somebody else has made something of them, and goes on.
 */
const EXCHANGE = `
const { renameSync } = require("node:fs");
const [path, link, free] = process.argv.slice(1);
const attempt = (...names) => { try { renameSync(...names); } catch {} };
process.stdout.write("begun");
for (let count = 0; ; count++) {
  attempt(path, free); attempt(link, path);
  attempt(path, link); attempt(free, path);
}
`;

/** Another user of a host, at work for as long as a test wants. */
export class Exchanger {
  private constructor(private readonly child: ChildProcess) {}

  /** Begins to exchange `path` for `link`, both in a directory of that user. */
  static async begin(path: string, link: string): Promise<Exchanger> {
    const identity = ["--reuid", String(OTHER_UID), "--regid", String(OTHER_UID), "--clear-groups"];
    const child = spawn(
      "setpriv",
      [...identity, process.execPath, "-e", EXCHANGE, path, link, `${path}.free`],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(child.stdout, "data");
    return new Exchanger(child);
  }

  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await once(this.child, "close");
  }
}
