import { JsonError } from "../../shared/json/json-error";
import type { Member } from "../../shared/json/member";
import { parseJson } from "../../shared/json/parse-json";
import { PUBLIC_FACTS_OUTPUT } from "../../shared/public-facts-output";
import { parsedRfc3339 } from "../../shared/time/rfc3339";
import { CliError } from "../errors/cli-error";
import { neededText } from "./text-file";

/** The contents of a stack's output `mail_sni`, which has no secrets. */
export interface PublicFacts {
  /** The certificates, by mail domain. */
  readonly certificates: ReadonlyMap<string, CertificateFact>;
  /** By host: the descriptions of changes that are not served yet. Empty if nothing is pending. */
  readonly pending: ReadonlyMap<string, readonly string[]>;
}

/** Facts about one certificate. If the stack does not issue it, all except the fingerprint are null. */
export interface CertificateFact {
  /** SHA-256 of the DER: lower-case hex. */
  readonly fingerprintSha256: string | null;
  /** The URL of a CA's directory, or the address of a private CA. */
  readonly issuer: string | null;
  readonly notAfter: Date | null;
  /** When the renewal falls due. */
  readonly renewAt: Date | null;
  /**
   * The mail hosts that issue and renew certificates of their own for the domain: only they know the fingerprints and dates of
   * those. Empty for most domains.
   */
  readonly hosts: readonly string[];
}

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_DOMAINS = 1_000_000;
const MOST_HOSTS = 10_000;
const MOST_TEXT_CHARACTERS = 1000;
/** The maximum length of one description, which may list many paths. */
const MOST_PENDING_CHARACTERS = 100_000;

/**
 * Reads a file with the result of the engine's `output -json mail_sni` or `output -json`. Ignores other outputs.
 *
 * @param path `/dev/stdin` reads a pipe
 * @throws CliError `CLI_FACTS_UNREADABLE`, `CLI_FACTS_INVALID`
 */
export function readPublicFacts(path: string): PublicFacts {
  return parsePublicFacts(neededText(path, MOST_BYTES, unreadable), path);
}

/**
 * @param source the name of the source in messages
 * @throws CliError `CLI_FACTS_INVALID` and nothing else
 */
export function parsePublicFacts(text: string, source: string): PublicFacts {
  try {
    return factsIn(parseJson(text, MOST_BYTES));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new CliError(
      "CLI_FACTS_INVALID",
      `${source} is not the output ${PUBLIC_FACTS_OUTPUT} of a stack: ${error.message}`,
      `Give what terraform output -json ${PUBLIC_FACTS_OUTPUT} writes in the stack's directory, after a deploy.`,
    );
  }
}

function factsIn(document: Member): PublicFacts {
  const output = document.member(PUBLIC_FACTS_OUTPUT);
  const value = output.isPresent ? output.member("value") : document;
  const version = value.member("version");
  // Everything else may be different in another version.
  if (version.isPresent && version.integer(0, Number.MAX_SAFE_INTEGER) !== 1) {
    throw version.error("this release cannot read: it reads version 1");
  }
  return {
    certificates: new Map(value.member("certificates").entries(MOST_DOMAINS, certificateFact)),
    pending: new Map(
      value
        .member("pending")
        .entries(MOST_HOSTS, (host) => host.list(MOST_DOMAINS, (one) => one.text(MOST_PENDING_CHARACTERS))),
    ),
  };
}

function certificateFact(fact: Member): CertificateFact {
  const text = (key: string) =>
    fact.member(key).optional((member) => ({ member, text: member.text(MOST_TEXT_CHARACTERS) }));
  const date = (key: string) => {
    const found = text(key);
    if (found === null) return null;
    const time = parsedRfc3339(found.text);
    if (time === null) throw found.member.error("is no time of RFC 3339");
    return time;
  };
  const fingerprint = text("fingerprint_sha256");
  if (fingerprint !== null && !/^[0-9a-f]{64}$/.test(fingerprint.text)) {
    throw fingerprint.member.error("is no SHA-256");
  }
  return {
    fingerprintSha256: fingerprint?.text ?? null,
    issuer: text("issuer")?.text ?? null,
    notAfter: date("not_after"),
    renewAt: date("renew_at"),
    hosts:
      fact
        .member("hosts")
        .optional((hosts) => hosts.list(MOST_HOSTS, (host) => host.text(MOST_TEXT_CHARACTERS))) ?? [],
  };
}

function unreadable(reason: string): CliError {
  return new CliError(
    "CLI_FACTS_UNREADABLE",
    `The outputs cannot be read: ${reason}.`,
    `Write them with terraform output -json ${PUBLIC_FACTS_OUTPUT} > FILE, in the stack's directory below cdktf.out.`,
  );
}
