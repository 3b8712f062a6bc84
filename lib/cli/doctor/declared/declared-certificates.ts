import type { Member } from "../../../shared/json/member";
import { PUBLIC_FACTS_OUTPUT } from "../../../shared/public-facts-output";
import { knownText, literalOf } from "../../inputs/template";

/** A certificate that the stack orders from an ACME CA, as far as it is known without the engine. */
export interface DeclaredCertificate {
  /** The mail domain by which the stack's public facts have it; null if they do not. */
  readonly domain: string | null;
  /** Null if it has an expression. */
  readonly directoryUrl: string | null;
  /** The CA certificates that the CA's own is verified against; null for the public CAs. */
  readonly directoryCaPem: string | null;
  readonly names: readonly string[];
  readonly optionalNames: readonly string[];
  /** The directory that a web server shows on port 80; null for dns-01. */
  readonly webroot: string | null;
  /** The hosts of the stack that tokens are written to; null for all. */
  readonly hosts: readonly string[] | null;
  /** The DNS servers that the provider asks; null for those of the machine. */
  readonly dnsServers: readonly string[] | null;
  /** Whether each renewal keeps the key. */
  readonly reusesKey: boolean;
  /** Null for that of the CA. */
  readonly profile: string | null;
  /** Null for that of the CA. */
  readonly preferredChain: string | null;
}

const MOST_CERTIFICATES = 1_000_000;
const MOST_NAMES = 1000;
const MOST_CHARACTERS = 1_000_000;

/** The ACME certificates of a stack. */
export function declaredCertificates(document: Member): readonly DeclaredCertificate[] {
  const domains = domainsByResource(document);
  const resources = document
    .member("resource")
    .optional((found) => found.member("mailsni_acme_certificate"))
    ?.optional((found) => found.entries(MOST_CERTIFICATES, certificateIn));
  return (resources ?? []).map(([name, certificate]) => ({
    domain: domains.get(name) ?? null,
    ...certificate,
  }));
}

const FINGERPRINT = /^\$\{mailsni_acme_certificate\.(\w+)\.fingerprint_sha256\}$/;

/** The domains of the output with the public facts, by the resource that each takes its fingerprint from. */
function domainsByResource(document: Member): ReadonlyMap<string, string> {
  const facts = document
    .member("output")
    .optional((outputs) => outputs.member(PUBLIC_FACTS_OUTPUT))
    ?.optional((output) => output.member("value").member("certificates"))
    ?.optional((found) =>
      found.entries(MOST_CERTIFICATES, (fact) =>
        fact.member("fingerprint_sha256").optional((print) => print.text(MOST_CHARACTERS)),
      ),
    );
  const pairs = (facts ?? []).flatMap(([domain, print]): [string, string][] => {
    const resource = FINGERPRINT.exec(print ?? "")?.[1];
    return resource === undefined ? [] : [[resource, literalOf(domain) ?? domain]];
  });
  return new Map(pairs);
}

function certificateIn(resource: Member): Omit<DeclaredCertificate, "domain"> {
  const challenge = resource.member("challenge");
  const ofChallenge = <T>(parse: (present: Member) => T) => challenge.optional(parse);
  return {
    directoryUrl: knownText(resource.member("directory_url")),
    directoryCaPem: knownText(resource.member("directory_ca_pem"), MOST_CHARACTERS),
    names: texts(resource.member("names")) ?? [],
    optionalNames: texts(resource.member("optional_names")) ?? [],
    webroot: ofChallenge((present) => knownText(present.member("webroot"))),
    hosts: ofChallenge((present) => texts(present.member("hosts"))),
    dnsServers: ofChallenge((present) => texts(present.member("dns_servers"))),
    reusesKey: resource.member("reuse_key").raw === true,
    profile: knownText(resource.member("profile")),
    preferredChain: knownText(resource.member("preferred_chain")),
  };
}

/** The known texts of a list; null if it is missing. */
function texts(member: Member): readonly string[] | null {
  return member.optional((list) =>
    list.list(MOST_NAMES, (one) => knownText(one)).filter((one) => one !== null),
  );
}
