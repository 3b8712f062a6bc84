import { isRecord } from "../../shared/is-record";
import { CliError } from "../errors/cli-error";
import { boundedText } from "./text-file";

/** What an engine's `output -json` says of one certificate. */
export interface CertificateFact {
  /** SHA-256 of the DER: lower-case hex. Null before the certificate is issued. */
  readonly fingerprintSha256: string | null;
  readonly issuer: string | null;
  readonly notAfter: string | null;
  readonly renewAt: string | null;
}

/** By mail domain. */
export type PublicFacts = ReadonlyMap<string, CertificateFact>;

/** The name of the output that `MailSni` writes. */
const OUTPUT = "mail_sni";
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_TEXT_CHARACTERS = 1000;

/**
 * Reads what `terraform output -json`, or `tofu output -json`, has written into a file. Only the output `mail_sni` is looked
 * at, whatever else is there.
 *
 * @param path `/dev/stdin` reads a pipe
 * @throws CliError `CLI_FACTS_UNREADABLE`, `CLI_FACTS_INVALID`
 */
export function readPublicFacts(path: string): PublicFacts {
  return parsePublicFacts(textOf(path), path);
}

/** @throws CliError `CLI_FACTS_INVALID` and nothing else */
export function parsePublicFacts(text: string, path: string): PublicFacts {
  const output = memberOf(parsed(text, path), OUTPUT);
  if (output === undefined) throw invalid(path, `has no output ${OUTPUT}`);
  const certificates = memberOf(memberOf(output, "value"), "certificates");
  if (!isRecord(certificates)) throw invalid(path, `has no certificates in ${OUTPUT}`);
  return new Map(
    Object.entries(certificates).map(([domain, fact]) => {
      if (!isRecord(fact)) throw invalid(path, "has a certificate that is no object");
      const fingerprint = textIn(fact, "fingerprint_sha256");
      if (fingerprint !== null && !/^[0-9a-f]{64}$/.test(fingerprint)) {
        throw invalid(path, "has a fingerprint that is no SHA-256");
      }
      const [issuer, notAfter, renewAt] = ["issuer", "not_after", "renew_at"].map((key) => textIn(fact, key));
      return [
        domain,
        {
          fingerprintSha256: fingerprint,
          issuer: issuer ?? null,
          notAfter: notAfter ?? null,
          renewAt: renewAt ?? null,
        },
      ];
    }),
  );
}

function textOf(path: string): string {
  try {
    return boundedText(path, MOST_BYTES);
  } catch (error) {
    throw new CliError(
      "CLI_FACTS_UNREADABLE",
      `The outputs cannot be read: ${(error as Error).message}.`,
      "Write them with terraform output -json > FILE, in the stack's directory below cdktf.out.",
    );
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(path, "is not JSON");
  }
}

function memberOf(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Null where there is none, or where it is no text of a bearable length. */
function textIn(fact: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = memberOf(fact, key);
  return typeof value === "string" && value.length <= MOST_TEXT_CHARACTERS ? value : null;
}

function invalid(path: string, problem: string): CliError {
  return new CliError(
    "CLI_FACTS_INVALID",
    `${path} ${problem}.`,
    "Give what terraform output -json, or tofu output -json, writes in the stack's directory, after a deploy.",
  );
}
