import { FINDING_CODES, SEVERITIES } from "../judgement/finding";

const text = { type: "string" };
const textOrNull = { type: ["string", "null"] };
const time = { type: "string", format: "date-time" };
const fingerprint = { type: "string", pattern: "^[0-9a-f]{64}$", description: "SHA-256 of the DER" };
const count = { type: "integer", minimum: 0 };

/** All members are always there; others may be added in a later release. */
function object(properties: Readonly<Record<string, object>>): object {
  return { type: "object", required: Object.keys(properties), properties };
}

function orNull(schema: object): object {
  return { anyOf: [schema, { type: "null" }] };
}

/** What `mail-sni verify --json` writes, as JSON Schema 2020-12. */
export const VERIFY_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:mail-sni:verify:1",
  title: "mail-sni verify",
  description: "What mail servers present for each name on each port, and what is wrong with it.",
  ...object({
    version: { const: 1 },
    at: { ...time, description: "When the run began" },
    results: {
      type: "array",
      description: "One a handshake, in the order in which they ended",
      items: object({
        host: { ...text, description: "Of the table, or what was given on the command line" },
        service: { ...textOrNull, description: "Of the table" },
        port: { type: "integer", minimum: 1, maximum: 65_535 },
        protocol: { enum: ["tls", "smtp", "imap", "pop3", "sieve"] },
        address: { ...textOrNull, description: "What was connected to; null where DNS has nothing" },
        asked: { enum: ["name", "no-name", "unlisted", "upper-case", "version"] },
        name: { ...textOrNull, description: "As declared" },
        serverName: { ...textOrNull, description: "The SNI that was sent" },
        status: { enum: ["ok", ...SEVERITIES], description: "The worst of the findings" },
        expected: object({
          domain: { ...textOrNull, description: "The mail domain whose certificate is declared" },
          fingerprintSha256: orNull(fingerprint),
          covers: {
            enum: ["required", "optional", "not-needed"],
            description: "Whether the certificate has to be for the name",
          },
          refused: {
            type: "boolean",
            description: "Whether the server is to end the handshake with an alert",
          },
        }),
        presented: orNull(
          object({
            tlsVersion: text,
            subject: text,
            issuer: text,
            names: { type: "array", items: text },
            fingerprintSha256: fingerprint,
            notBefore: time,
            notAfter: time,
            chain: {
              type: "array",
              description: "What was sent behind the leaf, in that order",
              items: object({ subject: text, fingerprintSha256: fingerprint, notAfter: time }),
            },
          }),
        ),
        failure: orNull(
          object({
            kind: {
              enum: [
                "refused",
                "unreachable",
                "forbidden",
                "timeout",
                "closed",
                "starttls-not-offered",
                "alert",
                "protocol",
                "no-address",
              ],
            },
            phase: { enum: ["connect", "greeting", "starttls", "handshake", null] },
            alert: { type: ["integer", "null"], description: "Number of the TLS alert" },
            isAsked: {
              type: "boolean",
              description: "False where others had failed at the endpoint before, or there is no address",
            },
          }),
        ),
        findings: {
          type: "array",
          items: object({
            code: { enum: FINDING_CODES },
            severity: { enum: SEVERITIES },
            problem: text,
            remedy: text,
          }),
        },
      }),
    },
    summary: object({
      handshakes: count,
      right: count,
      errors: count,
      warnings: count,
      notes: count,
      exitCode: { enum: [0, 1, 2] },
    }),
  }),
} as const;
