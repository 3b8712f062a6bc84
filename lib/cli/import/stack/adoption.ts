import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { mostCommon } from "../../../shared/grouping";
import type { Certificates } from "../findings/certificates";
import type { Declaration } from "../findings/declarations";
import { type Finding, finding } from "../findings/finding";
import { comment, literal } from "./words";

/** Where the machine that deploys has the files of the host's certificates. */
export type AdoptionPlace =
  | {
      readonly kind: "fetched";
      readonly directory: string;
      /** The domains whose keys are there. */
      readonly domains: ReadonlySet<string>;
      /** Whether the account's key is there, too. */
      readonly hasAccountKey: boolean;
    }
  /** The host is this machine. */
  | {
      readonly kind: "here";
      readonly pathOf: (path: string) => string;
      readonly isThere: (path: string) => boolean;
    }
  /** On the host alone. */
  | { readonly kind: "elsewhere" };

/** What the stack says of certificates that exist. */
export interface PrintedAdoption {
  /** Names to import from the package. */
  readonly imports: readonly string[];
  /** Arguments of the issuer. */
  readonly ofIssuer: readonly string[];
  /** Arguments of a domain. */
  readonly ofDomain: (declaration: Declaration) => readonly string[];
  readonly findings: readonly Finding[];
}

export const ACCOUNT_KEY_FILE = "account.key";

/** The names of key algorithms as the stack has them, by what a public key says of itself. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "ECDSA_P256"],
  ["secp384r1", "ECDSA_P384"],
  ["2048", "RSA_2048"],
  ["3072", "RSA_3072"],
  ["4096", "RSA_4096"],
]);
const DEFAULT_ALGORITHM = "ECDSA_P256";

/**
 * Certificates that the first deploy of an ACME issuer can adopt, and those that it has to order.
 *
 * @param inState the domains whose certificates the stack has in its state: nothing has to be adopted for them
 */
export function printedAdoption(
  declared: readonly Declaration[],
  certificates: Certificates,
  place: AdoptionPlace,
  inState: ReadonlySet<string>,
): PrintedAdoption {
  const whole = declared.filter((declaration) => certificates.fits(declaration.pair) === true);
  if (whole.length === 0) return { imports: [], ofIssuer: [], ofDomain: () => [], findings: [] };
  const algorithm = mostCommon(whole.map((one) => algorithmOf(one, certificates))) ?? DEFAULT_ALGORITHM;
  const isOther = algorithm !== DEFAULT_ALGORITHM;
  const adopted = adoptedFrom(
    place,
    whole.filter(({ domain }) => !inState.has(domain)),
  );
  return {
    imports: isOther ? ["KeyAlgorithm"] : [],
    ofIssuer: [...(isOther ? [`keyAlgorithm: KeyAlgorithm.${algorithm},`] : []), ...adopted.ofIssuer],
    ofDomain: adopted.ofDomain,
    findings: [...otherKeys(whole, algorithm, certificates), ...otherNames(whole, certificates)],
  };
}

function adoptedFrom(
  place: AdoptionPlace,
  adoptable: readonly Declaration[],
): Pick<PrintedAdoption, "ofIssuer" | "ofDomain"> {
  if (adoptable.length === 0) return { ofIssuer: [], ofDomain: () => [] };
  if (place.kind === "elsewhere") {
    const advice =
      "The first deploy orders a new certificate for each domain. To keep those of the host, import again with --with-keys keys.";
    return { ofIssuer: [comment(advice)], ofDomain: () => [] };
  }
  const files = filesAt(place);
  const pattern = commonPattern(adoptable, files);
  const ofIssuer = [
    comment("The first deploy adopts what fits, and orders the others. Remove these lines afterwards."),
    ...accountLines(adoptable, place),
    ...(pattern === null ? [] : [adoptFrom(pattern)]),
  ];
  const listed = new Set(adoptable);
  const ofDomain = (declaration: Declaration) => {
    const own = listed.has(declaration) ? files(declaration) : null;
    return own === null || (pattern !== null && isLike(pattern, own, declaration)) ? [] : [adoptFrom(own)];
  };
  return { ofIssuer, ofDomain };
}

interface Files {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A path of the host that the constructs take as it is: in braces they would read a Terraform expression, or the domain. */
function isUsablePath(path: string): boolean {
  return !/[{\p{Cc}]/u.test(path);
}

function filesAt(
  place: Exclude<AdoptionPlace, { kind: "elsewhere" }>,
): (declaration: Declaration) => Files | null {
  if (place.kind === "here")
    return ({ pair: { certificate, key } }) =>
      [certificate, key ?? ""].every(isUsablePath)
        ? { certificate: place.pathOf(certificate), privateKey: place.pathOf(key ?? certificate) }
        : null;
  return ({ domain }) =>
    place.domains.has(domain)
      ? {
          certificate: join(place.directory, domain, "fullchain.pem"),
          privateKey: join(place.directory, domain, "privkey.pem"),
        }
      : null;
}

/** Paths with `{domain}` that are those of at least two domains; null if no path is shared. */
function commonPattern(
  declared: readonly Declaration[],
  files: (declaration: Declaration) => Files | null,
): Files | null {
  const found = declared.flatMap((declaration) => {
    const own = files(declaration);
    return own === null ? [] : [JSON.stringify(patternOf(own, declaration))];
  });
  const common = mostCommon(found);
  if (common === undefined) return null;
  const pattern = JSON.parse(common) as Files;
  return pattern.certificate.includes("{domain}") && pattern.privateKey.includes("{domain}") ? pattern : null;
}

function patternOf({ certificate, privateKey }: Files, { domain }: Declaration): Files {
  const general = (path: string) => path.replaceAll(domain, "{domain}");
  return { certificate: general(certificate), privateKey: general(privateKey) };
}

function isLike(pattern: Files, own: Files, { domain }: Declaration): boolean {
  const filled = (path: string) => path.replaceAll("{domain}", domain);
  return filled(pattern.certificate) === own.certificate && filled(pattern.privateKey) === own.privateKey;
}

function adoptFrom({ certificate, privateKey }: Files): string {
  return `adoptFrom: { certificate: ${literal(certificate)}, privateKey: ${literal(privateKey)} },`;
}

/** The account that has ordered most of the certificates. */
function accountLines(declared: readonly Declaration[], place: AdoptionPlace): string[] {
  if (place.kind === "fetched")
    return place.hasAccountKey
      ? [`adoptAccountKey: ${literal(join(place.directory, ACCOUNT_KEY_FILE))},`]
      : [];
  const path = accountKeyOf(declared);
  return place.kind === "here" && path !== null && isUsablePath(path) && place.isThere(place.pathOf(path))
    ? [`adoptAccountKey: ${literal(place.pathOf(path))},`]
    : [];
}

/** The file of the account that has ordered most of the certificates, on the host. */
export function accountKeyOf(declared: readonly Declaration[]): string | null {
  return mostCommon(declared.flatMap(({ row }) => row?.accountKey ?? [])) ?? null;
}

function algorithmOf({ pair }: Declaration, certificates: Certificates): string {
  const leaf = certificates.leafAt(pair.certificate);
  if (leaf === null) return "unknown";
  const { asymmetricKeyDetails: details } = new X509Certificate(leaf.pem).publicKey;
  return ALGORITHMS.get(details?.namedCurve ?? String(details?.modulusLength)) ?? "unknown";
}

function otherKeys(whole: readonly Declaration[], algorithm: string, certificates: Certificates): Finding[] {
  const others = whole.filter((one) => algorithmOf(one, certificates) !== algorithm);
  if (others.length === 0) return [];
  return [
    finding(
      "certificate-ordered",
      "deploy",
      `The first deploy orders certificates although the host has some: their keys are not of the type that most have (${algorithm}).`,
      "To keep them, declare a second issuer with their keyAlgorithm.",
      { names: others.map(({ domain }) => domain), places: others.map(({ pair }) => pair.certificate) },
    ),
  ];
}

function otherNames(whole: readonly Declaration[], certificates: Certificates): Finding[] {
  const others = whole.filter(({ names, pair }) => {
    const own = certificates.leafAt(pair.certificate)?.dnsNames.map((name) => name.toLowerCase()) ?? [];
    return own.length !== names.length || names.some((name) => !own.includes(name));
  });
  if (others.length === 0) return [];
  return [
    finding(
      "certificate-ordered",
      "deploy",
      "The first deploy orders certificates although the host has some: they are for other names than the stack declares.",
      "To keep them, declare the names that they have.",
      { names: others.map(({ domain }) => domain), places: others.map(({ pair }) => pair.certificate) },
    ),
  ];
}
