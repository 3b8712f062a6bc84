import { inspectCombinedPem } from "../../../shared/combined-pem";
import { isEncryptedKey, withKeysReplaced } from "../../../shared/encrypted-key";
import { MailSniError } from "../../../shared/errors";
import type { HostName } from "../../../shared/host-name";
import { canonicalPem } from "../../../shared/pem";
import { sha256 } from "../../../shared/sha256";
import {
  type KeyPassphrases,
  OWN_PASSPHRASE_VARIABLE,
  PASSPHRASE_VARIABLE,
} from "../../keys/key-passphrases";
import { CERTIFICATE } from "../../messages/certificates";
import { Diagnostics } from "../../protocol/diagnostics";
import type { PlannedOf } from "../../protocol/resource";
import type { AttributePath } from "../../protocol/schema/attribute-path";
import { isUnknown, isWhollyKnown, type Plannable, UNKNOWN } from "../../protocol/values/unknown";
import type { IssuedHere } from "../issued-here";
import { type KnownPems, knownSha256 } from "./known-pems";
import type { HostFiles, HostFilesAttributes } from "./schema";

/**
 * The hash of the PEM with its key decrypted; unknown if it cannot be computed. The check of the PEM reports
 * why.
 */
export function sha256OnHost(
  given: string,
  known: KnownPems,
  passphrases: KeyPassphrases,
): Plannable<string> {
  const pem = canonicalPem(given);
  if (!isEncryptedKey(pem)) return sha256(pem);
  const hash = knownSha256(pem, known);
  if (hash !== undefined) return hash;
  const { text } = openedPem(pem, passphrases);
  return text === undefined ? UNKNOWN : sha256(text);
}

/** What the inspection needs besides the PEMs. */
interface InspectionTools {
  readonly passphrases: KeyPassphrases;
  /** Certificates that the stack renews. */
  readonly issued: IssuedHere;
}

interface PlannedInspection {
  /** Whether the plan installs the PEMs, or changes what they must fit. */
  readonly isNew: boolean;
  /** Whether there is anything for an apply to do. */
  readonly isApplied: boolean;
}

/**
 * Inspects every known PEM in the plan, with its key if that can be decrypted. Problems are warnings: an
 * error in a plan would stop everything else, while the apply refuses only this resource.
 */
export function inspectPlannedPems(
  config: PlannedOf<HostFilesAttributes>,
  { isNew, isApplied, ...tools }: InspectionTools & PlannedInspection,
  diagnostics: Diagnostics,
): void {
  const { host, secrets, names } = config;
  const { passphrases } = tools;
  if (isUnknown(secrets) || !isWhollyKnown<string[] | null>(names)) return;
  for (const [pem, paths] of pathsByPem(secrets ?? {})) {
    const { text, problem } = openedPem(pem, passphrases);
    const served: ServedPem = { paths, host, names };
    const found = new Diagnostics();
    if (text !== undefined) warnOfPem(text, served, inspectPem(text, served, found), tools, found);
    else if (passphrases.areGiven) reportPem(served, [problem], found);
    else inspectLockedPem(pem, served, tools, found);
    // An installed PEM was inspected with its key.
    if (text === undefined && !passphrases.areGiven && isNew) warnOfLockedPem(served, found);
    for (const { severity, summary, detail, path } of found.all) {
      const more = severity === "error" ? ` ${isApplied ? WILL_BE_REFUSED : IS_INSTALLED}` : "";
      diagnostics.warning(summary, `${detail}${more}`, path);
    }
  }
}

const WILL_BE_REFUSED =
  "An apply will refuse it, leave what this resource has on the host as it is, and go on with the others.";
const IS_INSTALLED = "It is installed on the host, and stays there until it is replaced.";

/**
 * The PEMs to write to the host. Adds an error for each that cannot be decrypted, or that no server could
 * present.
 *
 * @param unseen paths of PEMs that the plan could not inspect, so that their warnings are given here
 */
export function pemsForHost(
  { host, secrets, names }: HostFiles,
  unseen: ReadonlySet<string>,
  tools: InspectionTools,
  diagnostics: Diagnostics,
): Record<string, string> | null {
  if (secrets === null) return null;
  const opened: Record<string, string> = {};
  for (const [pem, paths] of pathsByPem(secrets)) {
    const { text, problem } = openedPem(pem, tools.passphrases);
    const served = { paths, host, names };
    if (text === undefined) {
      reportPem(served, [problem], diagnostics);
    } else {
      const warnings = inspectPem(text, served, diagnostics);
      if (paths.some((path) => unseen.has(path))) warnOfPem(text, served, warnings, tools, diagnostics);
      for (const path of paths) opened[path] = text;
    }
  }
  return opened;
}

/**
 * The paths of each known PEM. Servers get the same PEM at different paths: it is checked and reported once.
 */
function pathsByPem(
  secrets: Readonly<Record<string, Plannable<string | null>>>,
): Map<string, ServedPem["paths"]> {
  const paths = new Map<string, [string, ...string[]]>();
  for (const [path, pem] of Object.entries(secrets)) {
    if (typeof pem !== "string") continue;
    const earlier = paths.get(pem);
    paths.set(pem, earlier ? [...earlier, path] : [path]);
  }
  return paths;
}

/** A PEM and what it is for. */
interface ServedPem {
  readonly paths: readonly [string, ...string[]];
  readonly host: Plannable<string>;
  readonly names: readonly string[] | null;
}

/** @returns warnings of what works but is probably not intended */
function inspectPem(
  pem: string,
  served: ServedPem,
  diagnostics: Diagnostics,
  withKey = true,
): readonly MailSniError[] {
  const names = (served.names ?? []) as HostName[];
  const inspection = inspectCombinedPem(pem, { names, at: new Date(), withKey });
  if (inspection.ok) return inspection.warnings;
  reportPem(served, inspection.problems, diagnostics);
  return [];
}

function warnOfPem(
  pem: string,
  served: ServedPem,
  warnings: readonly MailSniError[],
  { issued }: InspectionTools,
  diagnostics: Diagnostics,
): void {
  for (const { code, message } of warnings) {
    if (code === "CERTIFICATE_EXPIRES_SOON" && issued.has(pem)) continue;
    const summary =
      code === "CERTIFICATE_EXPIRES_SOON"
        ? CERTIFICATE.expiresSoon(placeOf(served))
        : CERTIFICATE.refusedBySomeClients(placeOf(served));
    diagnostics.warning(summary, message, attributeOf(served));
  }
}

function reportPem(served: ServedPem, problems: readonly MailSniError[], diagnostics: Diagnostics): void {
  for (const { message } of problems) {
    diagnostics.error(CERTIFICATE.unusablePem(placeOf(served)), message, attributeOf(served));
  }
}

/** Inspects the public part: a plan, such as that of a pull request, may lack the passphrase; an apply may not. */
function inspectLockedPem(
  pem: string,
  served: ServedPem,
  tools: InspectionTools,
  diagnostics: Diagnostics,
): void {
  const withoutKey = withKeysReplaced(canonicalPem(pem), () => "");
  const warnings = inspectPem(withoutKey, served, diagnostics, false);
  warnOfPem(withoutKey, served, warnings, tools, diagnostics);
}

function warnOfLockedPem(served: ServedPem, diagnostics: Diagnostics): void {
  diagnostics.warning(
    CERTIFICATE.keyNotChecked(placeOf(served)),
    `It is encrypted, and neither of the environment variables ${PASSPHRASE_VARIABLE} and ${OWN_PASSPHRASE_VARIABLE} is set. ` +
      "Whether it belongs to its certificate, and whether the file on the host changes, will be known in an apply that has the passphrase.",
    attributeOf(served),
  );
}

function placeOf({ paths, host }: ServedPem): string {
  return `${paths.join(" and ")}${isUnknown(host) ? "" : ` on host "${host}"`}`;
}

function attributeOf({ paths }: ServedPem): AttributePath {
  return ["secrets", paths[0]];
}

type OpenedPem =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly problem: MailSniError; readonly text?: undefined };

/** The PEM to write to the host, or why its key cannot be decrypted. */
function openedPem(given: string, passphrases: KeyPassphrases): OpenedPem {
  const pem = canonicalPem(given);
  if (!isEncryptedKey(pem)) return { text: pem };
  try {
    return { text: withKeysReplaced(pem, (block) => passphrases.open(block).trimEnd()) };
  } catch (problem) {
    if (!(problem instanceof MailSniError)) throw problem;
    return { problem };
  }
}
