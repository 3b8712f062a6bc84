import type { CaaProperty } from "../../../../shared/dns/name-servers";
import { truncated } from "../../../../shared/text/truncated";

export interface CaaQuestion {
  /** The names by which the CA is allowed, in lower case. */
  readonly identities: readonly string[];
  readonly isWildcard: boolean;
  readonly challenge: "http-01" | "dns-01";
}

/** The tags that CAs understand, or may ignore: RFC 8659, RFC 9495, and those of the CA/Browser Forum. */
const KNOWN_TAGS: readonly string[] = [
  "issue",
  "issuewild",
  "iodef",
  "issuemail",
  "issuevmc",
  "contactemail",
  "contactphone",
];
const CRITICAL = 128;

/**
 * Why a set of CAA records does not let a CA issue, as the rest of a sentence; null if it does (RFC 8659 §4,
 * RFC 8657). An `accounturi` is taken as right: the URL of the account is in the state.
 */
export function caaRefusal(records: readonly CaaProperty[], question: CaaQuestion): string | null {
  const unknown = records.find(
    ({ flags, tag }) => (flags & CRITICAL) !== 0 && !KNOWN_TAGS.includes(tag.toLowerCase()),
  );
  if (unknown !== undefined)
    return `have the critical property ${shown(unknown.tag)}, which no CA understands`;
  const tagged = (tag: string) => records.filter((record) => record.tag.toLowerCase() === tag);
  const wild = question.isWildcard ? tagged("issuewild") : [];
  const relevant = wild.length > 0 ? wild : tagged("issue");
  if (relevant.length === 0) return null;
  const issuers = relevant.map(({ value }) => issuerIn(value));
  const ours = issuers.filter(({ domain }) => question.identities.includes(domain));
  if (ours.length === 0) {
    const others = [...new Set(issuers.map(({ domain }) => domain))].filter((domain) => domain !== "");
    return others.length === 0 ? "allow no CA" : `allow only ${others.slice(0, 5).map(shown).join(", ")}`;
  }
  const isProvable = ours.some(({ methods }) => methods === null || methods.includes(question.challenge));
  return isProvable ? null : `do not allow the challenge ${question.challenge} (validationmethods)`;
}

/** A record may have 64 kilobytes, and no name has more characters. */
const MOST_SHOWN_CHARACTERS = 253;

function shown(text: string): string {
  return truncated(text, MOST_SHOWN_CHARACTERS);
}

interface Issuer {
  /** Empty if no CA is allowed. */
  readonly domain: string;
  /** Null for all. */
  readonly methods: readonly string[] | null;
}

/** `letsencrypt.org; validationmethods=http-01,dns-01` */
function issuerIn(value: string): Issuer {
  const [domain = "", ...parameters] = value.split(";").map((part) => part.trim());
  const methods = parameters.flatMap((one) => /^validationmethods\s*=\s*(.*)$/i.exec(one)?.[1] ?? []);
  return {
    domain: domain.toLowerCase(),
    methods: methods[0]?.split(",").map((method) => method.trim().toLowerCase()) ?? null,
  };
}
