import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { mustRun } from "./commands";

/** Debian's Pebble is 2.4.0, which knows no renewal information. */
const VERSION = "2.10.1";
const MODULE = "github.com/letsencrypt/pebble/v2/cmd";

/** The executables of Let's Encrypt's ACME server for tests, and of the DNS server that it asks. */
export interface PebbleInstallation {
  readonly pebble: string;
  readonly dnsServer: string;
}

/** What was built before; null where it was not. */
export function findPebble(): PebbleInstallation | null {
  const installation = installationIn(installed());
  return existsSync(installation.pebble) && existsSync(installation.dnsServer) ? installation : null;
}

/** Builds both from their Go module, in half a minute. Needs Go. */
export async function buildPebble(): Promise<void> {
  const workshop = mkdtempSync(join(tmpdir(), "mail-sni-pebble-"));
  try {
    const packages = ["pebble", "pebble-challtestsrv"].map((name) => `${MODULE}/${name}@v${VERSION}`);
    await mustRun(["go", "install", ...packages], { env: { GOBIN: workshop }, timeoutMs: 10 * 60_000 });
    mkdirSync(dirname(installed()), { recursive: true });
    const copy = `${installed()}.${process.pid}`;
    await mustRun(["cp", "-r", workshop, copy]);
    rmSync(installed(), { recursive: true, force: true });
    renameSync(copy, installed());
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function installed(): string {
  return cachePath(`pebble-${VERSION}`);
}

function installationIn(directory: string): PebbleInstallation {
  return { pebble: join(directory, "pebble"), dnsServer: join(directory, "pebble-challtestsrv") };
}
