import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { mustRun } from "./commands";

/** Debian's Pebble is 2.4.0, which knows no renewal information. */
const VERSION = "2.10.1";
const MODULE = "github.com/letsencrypt/pebble/v2";

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
    const module = join(workshop, "module");
    const { stdout } = await mustRun(["go", "mod", "download", "-json", `${MODULE}@v${VERSION}`], TIMEOUT);
    await mustRun(["cp", "-r", "--no-preserve=mode", JSON.parse(stdout).Dir, module]);
    keepFromDeadlock(join(module, "db/memorystore.go"));
    findAllSerialNumbers(join(module, "core/types.go"));
    const built = join(workshop, "built");
    const packages = ["pebble", "pebble-challtestsrv"].map((name) => `./cmd/${name}`);
    await mustRun(["go", "build", "-o", `${built}/`, ...packages], { cwd: module, ...TIMEOUT });
    mkdirSync(dirname(installed()), { recursive: true });
    const copy = `${installed()}.${process.pid}`;
    await mustRun(["cp", "-r", built, copy]);
    rmSync(installed(), { recursive: true, force: true });
    renameSync(copy, installed());
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

const TIMEOUT = { timeoutMs: 10 * 60_000 };

/**
 * Pebble answers nothing any more where three requests meet: one looks for a valid authorisation with the database locked and
 * waits for another one that is being read, that one waits for the database, and a third waits to write there, which none may
 * pass. With a thousand authorisations that is likely. Changed in this way, the lookup does not hold the database.
 */
function keepFromDeadlock(file: string): void {
  change(
    file,
    /(FindValidAuthorization\(.*\n)(.*\n)\tdefer (.*\n)(\tfor .* range )(m\.\w+)/,
    "$1$2\tknown := maps.Clone($5)\n\t$3$4known",
  );
  change(file, /import \(/, '$&\n\t"maps"');
}

/**
 * Of one certificate in 256 Pebble does not find the order that a new one replaces, and answers with status 500: it looks for the
 * serial number as DER has it, with a zero byte in front, and has noted the number without.
 */
function findAllSerialNumbers(file: string): void {
  change(file, /(id: +hex\.EncodeToString\()serial\)/, '$1bytes.TrimLeft(serial, "\\x00"))');
}

/** @throws Error if there is nothing to change: another version may not need it */
function change(file: string, found: RegExp, replacement: string): void {
  const code = readFileSync(file, "utf8");
  if (!found.test(code)) throw new Error(`${file} of Pebble ${VERSION} is not as it was`);
  writeFileSync(file, code.replace(found, replacement));
}

function installed(): string {
  return cachePath(`pebble-${VERSION}-corrected`);
}

function installationIn(directory: string): PebbleInstallation {
  return { pebble: join(directory, "pebble"), dnsServer: join(directory, "pebble-challtestsrv") };
}
