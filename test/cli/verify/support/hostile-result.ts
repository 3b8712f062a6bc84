import type { X509Certificate } from "node:crypto";
import * as fc from "fast-check";
import { finding } from "../../../../lib/cli/verify/judgement/finding";
import type { Result } from "../../../../lib/cli/verify/judgement/summary";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import { EXPECTED } from "./questions";

/** What would be markup, or end an attribute, if it were not escaped. */
export const MARKUP = [
  "<script>globalThis.evil = true</script>",
  "<img src=x onerror='globalThis.evil = true'>",
  '" autofocus onfocus="globalThis.evil = true',
  "'><svg/onload=globalThis.evil=true>",
  "</td></tr></table><h1>all is well</h1>",
  "</title></style></script><base href=//evil.tld>",
  "<!-- -->",
  "]]><![CDATA[",
  "&lt;script&gt; &#60; &amp",
  "${evil} `evil` {{evil}}",
  "javascript:globalThis.evil=true",
  "\u0000\u001b[2J\u202e\u2028\ud800",
] as const;

/** Texts from outside: of tables, outputs, servers and certificates. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...MARKUP),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc
    .tuple(fc.string({ maxLength: 5 }), fc.constantFrom(...MARKUP), fc.string({ maxLength: 5 }))
    .map((parts) => parts.join("")),
);

/** All that a result can have from outside. */
export interface OutsideTexts {
  readonly name: string;
  readonly host: string;
  readonly address: string;
  readonly domain: string;
  readonly subject: string;
  readonly issuer: string;
  readonly dnsName: string;
  readonly version: string;
  readonly greeting: string;
  readonly fingerprint: string;
}

export const hostileTexts: fc.Arbitrary<OutsideTexts> = fc.record({
  name: hostileText,
  host: hostileText,
  address: hostileText,
  domain: hostileText,
  subject: hostileText,
  issuer: hostileText,
  dnsName: hostileText,
  version: hostileText,
  greeting: hostileText,
  fingerprint: hostileText,
});

/** Where nothing of it is hostile. */
export const HARMLESS: OutsideTexts = {
  name: "name",
  host: "host",
  address: "address",
  domain: "domain",
  subject: "subject",
  issuer: "issuer",
  dnsName: "dns-name",
  version: "version",
  greeting: "greeting",
  fingerprint: "fingerprint",
};

/** A handshake that presented something, and one that did not: of the same name. */
export function resultsOf(texts: OutsideTexts): Result[] {
  const { name, host, address, domain, subject, issuer, dnsName, version, greeting, fingerprint } = texts;
  const leaf = {
    subject,
    issuer,
    subjectAltName: `DNS:${JSON.stringify(dnsName)}`,
    fingerprint256: fingerprint,
    validFrom: "Nov 28 10:00:00 2026 GMT",
    validTo: "Nov 28 10:00:00 2027 GMT",
  } as X509Certificate;
  const question = {
    endpoint: { host, service: host, port: 993, protocol: "imap" },
    address,
    asked: { kind: "name", name, serverName: name },
    expected: { ...EXPECTED, domain, fingerprint, domainNames: [name] },
  } as const;
  const error = HandshakeError.unexpectedLine("greeting", greeting);
  return [
    {
      question,
      outcome: { kind: "presented", presentation: { version, certificates: [leaf] } },
      findings: [finding("error", "VERIFY_WRONG_CERTIFICATE", `${subject} ${dnsName}.`, `${domain}.`)],
    },
    {
      question: { ...question, expected: { ...EXPECTED, covers: "required" } },
      outcome: { kind: "failed", error },
      findings: [finding("error", "VERIFY_PROTOCOL", error.message, greeting)],
    },
  ];
}
