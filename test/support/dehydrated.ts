import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCommand, mustRun } from "./commands";
import { findTrixie } from "./trixie";

/** Debian's, if it is installed. */
export const DEHYDRATED = findCommand("dehydrated") ?? "dehydrated";

/** That of Debian 13, which reads `domains.txt.d`: a script, so that it runs outside of that as well. */
export const TRIXIE_DEHYDRATED = join(findTrixie() ?? "/nonexistent", "usr/bin/dehydrated");

/** A certificate that dehydrated would order. */
export interface DehydratedCertificate {
  /** Its directory's name. */
  readonly directory: string;
  readonly names: readonly string[];
}

export interface DehydratedReading {
  /** In the order in which they would be ordered. */
  readonly certificates: readonly DehydratedCertificate[];
  /** Why it ended before the last row; undefined where it did not. */
  readonly refusal?: string;
}

/**
 * What a real dehydrated reads out of a `domains.txt`: its own script, sourced, goes through the file as it does for
 * `--cron`. Only what needs a CA is replaced: instead of ordering a certificate, it writes down what it would order.
 *
 * @param script path of `dehydrated`
 */
export async function readByDehydrated(script: string, domainsTxt: string): Promise<DehydratedReading> {
  const directory = mkdtempSync(join(tmpdir(), "dehydrated-"));
  try {
    const { stdout } = await mustRun(["bash", "-c", READ, script, domainsTxt, directory], {
      env: { DEHYDRATED_NOOP: "NOOP", LC_ALL: "C", HOME: directory },
    });
    const certificates = [...stdout.matchAll(/^ORDER (.*)$/gm)].map(([, order]) => {
      const [path = "", ...names] = (order as string).split("\x1f");
      return { directory: path, names: names.slice(0, -1) };
    });
    return { certificates, refusal: /^REFUSED (.*)$/m.exec(stdout)?.[1] };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const READ = `
script=$0 domains=$1 base=$2
set --
. "$script"
init_system() { :; }
hookscript_bricker_hook() { :; }
verify_config() { :; }
store_configvars() { :; }
reset_configvars() { :; }
_exiterr() { printf 'REFUSED %s\\n' "$1"; exit 0; }
sign_domain() { shift 2; printf 'ORDER %s\\037' "$alias"; printf '%s\\037' "$@"; printf '\\n'; }
DOMAINS_TXT=$domains CERTDIR=$base/certs CHAINCACHE=$base/chains
HOOK= DOMAINS_D= OCSP_FETCH=no AUTO_CLEANUP=no WELLKNOWN= CHALLENGETYPE= KEY_ALGO= PRIVATE_KEY_ROLLOVER=
OPENSSL=openssl exit_with_errorcode=0
mkdir "$CERTDIR"
command_sign_domains
`;
