import { LETS_ENCRYPT_DIRECTORY } from "../../shared/acme/lets-encrypt";
import type { Connection } from "../../shared/transport/connection-settings";
import { pathProblem } from "../../shared/transport/paths";
import type { DeclaredCertificate } from "../doctor/declared/declared-certificates";
import type { Delivered } from "./delivered";
import type { RenewalSetting } from "./plain-renewal";
import { refused } from "./refused";

/** The options of how dehydrated renews on the host. */
export interface RenewalFlags {
  readonly webroot?: string;
  readonly dnsHook?: string;
  readonly ca?: string;
  readonly contact?: string;
  readonly directory: string;
  readonly workDirectory: string;
  readonly cronFile: string;
}

/** What the stack declares of the host. */
interface Declared {
  readonly connection: Connection;
  readonly delivered: Delivered;
  readonly certificates: readonly DeclaredCertificate[];
}

/**
 * How dehydrated is to renew on the host: as the options say, and otherwise as the stack declares.
 *
 * @throws CliError `CLI_OPTION`
 */
export function renewalSetting(
  flags: RenewalFlags,
  { connection, delivered, certificates }: Declared,
): RenewalSetting {
  refuseUnsuitable(connection, delivered);
  checkPaths(flags);
  return {
    directory: flags.directory,
    workDirectory: flags.workDirectory,
    ...caOf(flags, certificates),
    contact: contactOf(flags),
    ...proofOf(flags, certificates),
    keepsKeys: certificates.some(({ reusesKey }) => reusesKey),
    notAsked: notAsked(certificates),
  };
}

/** @throws CliError `CLI_OPTION` */
function refuseUnsuitable({ root }: Connection, { issuesItself, pems }: Delivered): void {
  if (issuesItself && pems.length === 0)
    throw refused(
      "The host issues its certificates itself already.",
      "Leave --dehydrated out: nothing has to be written there.",
    );
  if (root !== "/")
    throw refused(`The host's files are below ${root}.`, "--dehydrated is for a host whose root is /.");
}

/** Paths become words of a crontab. @throws CliError `CLI_OPTION` */
function checkPaths({ directory, workDirectory, cronFile, webroot, dnsHook }: RenewalFlags): void {
  for (const path of [directory, workDirectory, cronFile, webroot, dnsHook]) {
    if (path === undefined || (pathProblem(path) === undefined && /^[\w./@+=:,-]+$/.test(path))) continue;
    throw refused(
      `${JSON.stringify(path)} is not a plain absolute path.`,
      "Use letters, digits and ./@+=:,_- in it.",
    );
  }
}

/** @throws CliError `CLI_OPTION` */
function proofOf(
  flags: RenewalFlags,
  certificates: readonly DeclaredCertificate[],
): Pick<RenewalSetting, "webroot" | "dnsHook"> {
  if (flags.dnsHook !== undefined) return { webroot: null, dnsHook: flags.dnsHook };
  const webroot = flags.webroot ?? certificates.find((one) => one.webroot !== null)?.webroot;
  if (webroot) return { webroot, dnsHook: null };
  throw refused(
    "How names are to be proven is not known.",
    "Give --webroot DIRECTORY, or --dns-hook PATH of a hook on the host.",
  );
}

/** @throws CliError `CLI_OPTION` */
function caOf(
  flags: RenewalFlags,
  certificates: readonly DeclaredCertificate[],
): Pick<RenewalSetting, "ca" | "caPem"> {
  const declared = certificates.find(({ directoryUrl }) => directoryUrl !== null);
  const ca = flags.ca ?? declared?.directoryUrl ?? LETS_ENCRYPT_DIRECTORY;
  if (!/^https:\/\/[!#-&(-[\]-~]+$/.test(ca))
    throw refused(`${JSON.stringify(ca)} is not the URL of a CA.`, "Give the URL of its ACME directory.");
  return { ca, caPem: flags.ca === undefined ? (declared?.directoryCaPem ?? null) : null };
}

/** @throws CliError `CLI_OPTION` */
function contactOf({ contact }: RenewalFlags): string | null {
  if (contact === undefined || /^[^@\s"'\\]+@[^@\s"'\\]+$/.test(contact)) return contact ?? null;
  throw refused(`${JSON.stringify(contact)} is not an address.`, "Write --contact hostmaster@domain1.tld.");
}

/** In dehydrated 0.7.0 a chain that the CA does not offer ends each run, so none is preferred there. */
function notAsked(certificates: readonly DeclaredCertificate[]): string[] {
  const asked = certificates.flatMap(({ profile, preferredChain }) => [
    ...(profile === null ? [] : [`the profile ${profile}`]),
    ...(preferredChain === null ? [] : [`the chain ${preferredChain}`]),
  ]);
  return [...new Set(asked)].sort();
}
