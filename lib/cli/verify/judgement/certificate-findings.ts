import type { X509Certificate } from "node:crypto";
import { hasDates } from "../../../shared/certificate-facts";
import { isSoon } from "../../../shared/expiry";
import { keyOf, weakDigestOf } from "../../../shared/openssl-check";
import { issuerOf, subjectOf, time } from "../../../shared/tls/leaf-wording";
import type { Presentation } from "../../../shared/tls/presentation";
import { type Chain, chainOf, isSelfSigned, isSignedBy } from "../chain/chain";
import { pathExtensions } from "../chain/extensions";
import type { TrustStore } from "../chain/trust-store";
import { type Finding, finding } from "./finding";
import { pathFinding } from "./path-findings";

type Certificates = Presentation["certificates"];

/** The findings about the certificates themselves, independent of the requested name. */
export function certificateFindings(
  certificates: Certificates,
  { trust, at }: { readonly trust: TrustStore; readonly at: Date },
): Finding[] {
  const chain = chainOf(certificates, trust, at);
  return [
    // A trusted certificate too, where the server sends it: clients refuse an expired root, or a self-signed leaf.
    ...dateFindings(chain.path),
    ...validityFindings(chain.path.filter(hasReadableDates), at),
    ...trustFindings(chain),
    ...chain.faults.map(pathFinding),
    ...orderFindings(certificates, chain),
    ...surplusFindings(certificates, chain),
    ...chain.path
      .filter((certificate, index) => index === 0 || !trust.has(certificate))
      .flatMap(weaknessFindings),
    ...keyUsageFindings(certificates[0]),
  ];
}

const RENEW =
  "Deploy, or run the renewal on the host if it issues its own certificates; if it has been renewed, reload the server.";

/** OpenSSL loads such certificates, and no client accepts them. */
function dateFindings(path: readonly X509Certificate[]): Finding[] {
  const unreadable = path.find((certificate) => !hasReadableDates(certificate));
  if (unreadable === undefined) return [];
  return [
    finding(
      "error",
      "VERIFY_DATES_UNREADABLE",
      `The validity of the certificate ${subjectOf(unreadable)} cannot be read: one of its dates is not a valid time.`,
      "Have the CA issue another; clients refuse this one.",
    ),
  ];
}

function hasReadableDates({ validFrom, validTo }: X509Certificate): boolean {
  return hasDates({ notBefore: new Date(validFrom), notAfter: new Date(validTo) });
}

/** Reports the first certificate of the path that is not valid, or the one that expires first. */
function validityFindings(path: readonly X509Certificate[], at: Date): Finding[] {
  const early = path.find(({ validFrom }) => new Date(validFrom) > at);
  if (early !== undefined) {
    return [
      finding(
        "error",
        "VERIFY_NOT_YET_VALID",
        `The certificate ${subjectOf(early)} is valid from ${time(early.validFrom)}; it is ${time(at.toISOString())} now.`,
        "Check the clocks of this machine and of the issuer, or wait.",
      ),
    ];
  }
  const [first] = [...path].sort((one, other) => +new Date(one.validTo) - +new Date(other.validTo));
  return first === undefined ? [] : endFindings(first, at);
}

/** Reports a certificate that has expired, or does soon. */
function endFindings(certificate: X509Certificate, at: Date): Finding[] {
  const subject = subjectOf(certificate);
  const [notBefore, notAfter] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const end = time(certificate.validTo);
  if (notAfter < at) {
    const message = `The certificate ${subject} expired ${ago(notAfter, at)}, at ${end}.`;
    return [finding("error", "VERIFY_EXPIRED", message, RENEW)];
  }
  if (!isSoon({ notBefore, notAfter }, at)) return [];
  return [finding("warning", "VERIFY_EXPIRES_SOON", `The certificate ${subject} expires at ${end}.`, RENEW)];
}

function ago(end: Date, at: Date): string {
  const days = Math.floor((+at - +end) / 86_400_000);
  if (days === 0) return "less than a day ago";
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

function trustFindings({ end, path }: Chain): Finding[] {
  const leaf = path[0];
  const top = path.at(-1) ?? leaf;
  switch (end) {
    case "trusted":
      return [];
    case "self-signed":
      return [
        finding(
          "error",
          "VERIFY_UNTRUSTED",
          `The certificate ${subjectOf(leaf)} is self-signed, and not trusted here.`,
          "Have a CA issue one, or trust this one with --ca FILE if all clients do.",
        ),
      ];
    case "unknown-root":
      return [
        finding(
          "error",
          "VERIFY_UNTRUSTED",
          `The chain ends at ${subjectOf(top)}, which is not trusted here.`,
          "If it is the root of your own CA, trust it with --ca FILE; clients need it too.",
        ),
      ];
    case "incomplete":
      return [
        finding(
          "error",
          "VERIFY_CHAIN_INCOMPLETE",
          `The issuer of ${subjectOf(top)}, ${issuerOf(top)}, was not sent and is not trusted here.`,
          "Have the server send the whole chain. If that issuer is the root of your own CA, trust it with --ca FILE.",
        ),
      ];
  }
}

/** Each certificate has to be issued by the next one (RFC 5246 §7.4.2). Most clients accept another order. */
function orderFindings(certificates: Certificates, { leading }: Chain): Finding[] {
  const relevant = certificates.filter(({ fingerprint256 }) => leading.has(fingerprint256));
  const misplaced = relevant.find((certificate, index) => {
    const next = relevant[index + 1];
    if (next === undefined || isSelfSigned(certificate)) {
      return next !== undefined && next.fingerprint256 !== certificate.fingerprint256;
    }
    return next.fingerprint256 !== certificate.fingerprint256 && !isSignedBy(certificate, next);
  });
  if (misplaced === undefined) return [];
  return [
    finding(
      "warning",
      "VERIFY_CHAIN_ORDER",
      `The chain is in the wrong order: ${subjectOf(misplaced)} is not followed by its issuer.`,
      "Put the leaf first, then each issuer after the certificate that it issued: some clients refuse another order.",
    ),
  ];
}

function surplusFindings(certificates: Certificates, { leading }: Chain): Finding[] {
  const seen = new Set<string>();
  const surplus = certificates.filter(({ fingerprint256 }) => {
    const isSurplus = !leading.has(fingerprint256) || seen.has(fingerprint256);
    seen.add(fingerprint256);
    return isSurplus;
  });
  const [first] = surplus;
  if (first === undefined) return [];
  const more = surplus.length > 1 ? `, and ${surplus.length - 1} more` : "";
  return [
    finding(
      "warning",
      "VERIFY_CHAIN_SURPLUS",
      `The server sends certificates that do not belong to the chain: ${subjectOf(first)}${more}.`,
      "Remove them from the server's certificate file.",
    ),
  ];
}

/** The limits of OpenSSL's default security level: RSA with 2048 bits, curves with 224 bits. */
const SMALLEST_RSA_BITS = 2048;
const SMALL_CURVES: ReadonlySet<string> = new Set(["prime192v1", "secp160r1", "secp192k1", "sect163k1"]);

function weaknessFindings(certificate: X509Certificate): Finding[] {
  const findings: Finding[] = [];
  const digest = weakDigestOf(certificate);
  if (digest !== null && certificate.subject !== certificate.issuer) {
    findings.push(
      finding(
        "error",
        "VERIFY_WEAK_SIGNATURE",
        `The signature of ${subjectOf(certificate)} uses ${digest}, which clients refuse.`,
        "Have the certificate, or the chain, reissued with SHA-256 signatures.",
      ),
    );
  }
  if (hasSmallKey(certificate)) {
    findings.push(
      finding(
        "error",
        "VERIFY_WEAK_KEY",
        `The key of ${subjectOf(certificate)} is too small (${keyOf(certificate)}).`,
        "Use an ECDSA P-256 key, or RSA with at least 2048 bits.",
      ),
    );
  }
  return findings;
}

function hasSmallKey(certificate: X509Certificate): boolean {
  try {
    const { modulusLength, namedCurve } = certificate.publicKey.asymmetricKeyDetails ?? {};
    return (modulusLength ?? SMALLEST_RSA_BITS) < SMALLEST_RSA_BITS || SMALL_CURVES.has(namedCurve ?? "");
  } catch {
    // OpenSSL does not support the type of the key.
    return false;
  }
}

const DIGITAL_SIGNATURE = 0;
const KEY_ENCIPHERMENT = 2;
const KEY_AGREEMENT = 4;

/**
 * With TLS 1.3, and with every suite of TLS 1.2 that has forward secrecy, the key of the leaf signs the handshake. A leaf with
 * none of these usages is a fault of the path.
 */
function keyUsageFindings(leaf: X509Certificate): Finding[] {
  const usages = pathExtensions(leaf)?.keyUsage ?? null;
  if (usages === null || usages.has(DIGITAL_SIGNATURE)) return [];
  if (!usages.has(KEY_ENCIPHERMENT) && !usages.has(KEY_AGREEMENT)) return [];
  return [
    finding(
      "warning",
      "VERIFY_NOT_FOR_SERVERS",
      `The key usage of ${subjectOf(leaf)} does not include digitalSignature, which its key needs for TLS handshakes.`,
      "Have one issued with digitalSignature, or without a key usage: some clients refuse this one.",
    ),
  ];
}
