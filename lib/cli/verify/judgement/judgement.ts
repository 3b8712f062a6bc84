import { dnsNamesOf, fingerprintOf } from "../../../shared/certificate-facts";
import { covers, type HostName } from "../../../shared/host-name";
import { madeOnce } from "../../../shared/made-once";
import { declaredTitle, leafTitle } from "../../../shared/tls/leaf-wording";
import { fingerprintsOf, type Presentation } from "../../../shared/tls/presentation";
import type { Outcome } from "../../../shared/tls/schedule";
import type { HostStatement } from "../../inputs/host-statements";
import type { TrustStore } from "../chain/trust-store";
import { type Expected, type Question, serverNameOf } from "../questions/question";
import { certificateFindings } from "./certificate-findings";
import { failureFindings } from "./failure-findings";
import { type Finding, finding } from "./finding";

export interface JudgementOptions {
  readonly trust: TrustStore;
  /** The current time. */
  readonly at: Date;
  /**
   * A cache of the findings about chains, by {@link fingerprintsOf}: a server presents the same chain on all its
   * ports.
   *
   * @default none
   */
  readonly known?: Map<string, readonly Finding[]>;
}

/** The findings about the outcome of a question. Uses neither the network nor the clock. */
export function judge(question: Question, outcome: Outcome, options: JudgementOptions): readonly Finding[] {
  if (outcome.kind !== "presented") return failureFindings(question, outcome);
  const { presentation } = outcome;
  const { certificates } = presentation;
  if (question.asked.kind === "upper-case") return caseFindings(question, presentation);
  return [
    ...identityFindings(question, presentation),
    ...versionFindings(presentation),
    ...madeOnce(options.known ?? new Map(), fingerprintsOf(certificates), () =>
      certificateFindings(certificates, options),
    ),
  ];
}

/** Checks that the certificate is the declared one, and covers the requested name. */
function identityFindings({ asked, expected }: Question, { certificates: [leaf] }: Presentation): Finding[] {
  const served = leafTitle(leaf);
  if (expected.isRefused) {
    return [
      finding(
        "warning",
        "VERIFY_NOT_REFUSED",
        `The server presents ${served}; the table says that it ends the handshake with an alert.`,
        "Synthesize and deploy again, so that the table and the server agree.",
      ),
    ];
  }
  const { domain, fingerprint } = expected;
  const names = dnsNamesOf(leaf);
  if (domain !== null && fingerprint !== null && fingerprint !== fingerprintOf(leaf)) {
    const isNewer = expected.notAfter !== null && new Date(leaf.validTo) > expected.notAfter;
    if (isNewer && hasAll(names, expected.domainNames)) return [newerCertificate(served, domain, expected)];
    return [wrongCertificate(served, declaredTitle(domain, fingerprint), expected)];
  }
  if (domain !== null && fingerprint === null && isAnothers(names, expected.domainNames)) {
    return [
      wrongCertificate(
        served,
        `${declaredTitle(domain, null)}, which is for ${expected.domainNames[0]}`,
        expected,
      ),
    ];
  }
  const name = "name" in asked ? asked.serverName : null;
  if (name === null || covers(names, name.toLowerCase() as HostName)) return [];
  return uncoveredName(expected, served, name);
}

/** What it means that a certificate does not cover the requested name. */
function uncoveredName({ covers: need }: Expected, served: string, name: string): Finding[] {
  if (need === "not-needed") return [];
  return [
    finding(
      need === "optional" ? "note" : "error",
      "VERIFY_NAME_NOT_COVERED",
      `The server presents ${served}, which is not for ${name}.`,
      need === "optional"
        ? "The name is optional: it is added when the certificate is ordered and DNS leads to the mail hosts."
        : "Have a certificate issued for the name, and check that the server has been reloaded since.",
    ),
  ];
}

/** Whether the certificate belongs to another domain, if its fingerprint is unknown: it covers no name of this one. */
function isAnothers(names: readonly string[], domainNames: readonly string[]): boolean {
  const hasName = (name: string) => names.includes(name) || covers(names, name as HostName);
  return domainNames.length > 0 && !domainNames.some(hasName);
}

/** Whether the certificate covers all names of a domain, of which there is at least one. */
function hasAll(names: readonly string[], domainNames: readonly string[]): boolean {
  const hasName = (name: string) => names.includes(name) || covers(names, name as HostName);
  return domainNames.length > 0 && domainNames.every(hasName);
}

/**
 * The finding if a newer certificate is served than is known: a partly failed apply keeps the previous outputs, and a host says
 * what it has installed when its run has ended.
 */
function newerCertificate(served: string, domain: string, { said }: Expected): Finding {
  const [source, remedy] =
    said === null
      ? [
          "in the outputs",
          "Write the outputs again; if the last deploy failed in part, its outputs are older than its certificates: deploy again.",
        ]
      : [
          `in the result of the last run on ${said.host}`,
          "A run that renews it is probably in progress: check again when it has ended.",
        ];
  return finding(
    "warning",
    "VERIFY_WRONG_CERTIFICATE",
    `The server presents ${served}, which is newer than the certificate of ${domain} ${source}.`,
    remedy,
  );
}

function wrongCertificate(served: string, declared: string, { said }: Expected): Finding {
  return finding(
    "error",
    "VERIFY_WRONG_CERTIFICATE",
    `The server presents ${served}; declared is ${declared}${said === null ? "" : wordsOf(said)}.`,
    said === null || said.command === null ? RELOAD_OR_DEPLOY : remedyOnHost(said),
  );
}

const RELOAD_OR_DEPLOY =
  "Reload the server and check again; if that does not help, deploy, which shows what has changed on the host.";

/** What a host says about the certificate that it should present, behind the title of that. Its reasons are told once, elsewhere. */
function wordsOf({ host, status, fingerprint }: HostStatement): string {
  const installed = fingerprint === null ? "" : `, which ${host} says it has installed`;
  if (status === "failed") return `${installed}; the last run on ${host} has failed for it`;
  return status === "pending" ? `${installed}; it is pending there` : installed;
}

function remedyOnHost({ host, status, command }: HostStatement): string {
  if (status === "failed" || status === "pending")
    return `Correct what ${host} says about it, and run \`${command}\` there.`;
  return `Reload the server and check again; if that does not help, run \`${command}\` on ${host}, which prints what is wrong.`;
}

function caseFindings({ asked, expected }: Question, { certificates: [leaf] }: Presentation): Finding[] {
  const name = "name" in asked ? asked.name : "";
  const { fingerprint } = expected;
  const isSame =
    fingerprint === null ? !isAnothers(dnsNamesOf(leaf), [name]) : fingerprint === fingerprintOf(leaf);
  if (isSame) return [];
  return [
    finding(
      "note",
      "VERIFY_CASE",
      `For the name in upper case, the server presents ${leafTitle(leaf)}.`,
      `No action is needed if clients use ${name} in lower case: the server's lookup is case-sensitive.`,
    ),
  ];
}

/** Reports a TLS version below 1.2 (RFC 8996). */
function versionFindings({ version }: Presentation): Finding[] {
  if (version === "TLSv1.2" || version === "TLSv1.3") return [];
  return [
    finding(
      "error",
      "VERIFY_TLS_VERSION",
      `The newest version that the server speaks is ${version}; current clients refuse versions before TLS 1.2 (RFC 8996).`,
      "Allow TLS 1.2 and 1.3 in the server's configuration, and upgrade its TLS library if it supports neither.",
    ),
  ];
}

/** The title of a question in reports. */
export function titleOf(question: Question): string {
  const { asked } = question;
  switch (asked.kind) {
    case "name":
      return asked.name;
    case "no-name":
      return "(no name)";
    case "unlisted":
      return "(unlisted name)";
    case "upper-case":
      return serverNameOf(question) ?? asked.name;
    case "version":
      return `${asked.name} (${asked.version.replace("TLSv", "TLS ")})`;
  }
}
