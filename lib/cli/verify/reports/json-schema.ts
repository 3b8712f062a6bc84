import { PROTOCOLS } from "../../../shared/tls/protocols";
import {
  count,
  document,
  fingerprint,
  object,
  orNull,
  text,
  textOrNull,
  texts,
  time,
} from "../../output/json-schema";
import { FINDING_CODES, SEVERITIES } from "../judgement/finding";
import { EXPECTED_ANSWERS } from "../questions/question";

const timeOrNull = { ...orNull(time), description: "Null where the certificate has no date there" };

/** What `mail-sni verify --json` writes. */
export const VERIFY_SCHEMA = document(
  "verify",
  "What mail servers present for each name on each port, and what is wrong with it.",
  {
    at: { ...time, description: "When the run began" },
    results: {
      type: "array",
      description: "One a handshake, in the order in which they ended",
      items: object({
        host: { ...text, description: "Of the table, or what was given on the command line" },
        service: { ...textOrNull, description: "Of the table" },
        port: { type: "integer", minimum: 1, maximum: 65_535 },
        protocol: { enum: PROTOCOLS },
        address: { ...textOrNull, description: "What was connected to; null where DNS has nothing" },
        throughSsh: { type: "boolean", description: "Whether the host itself connected to the address" },
        asked: { enum: ["name", "no-name", "unlisted", "upper-case", "version"] },
        name: { ...textOrNull, description: "As declared" },
        serverName: { ...textOrNull, description: "The SNI that was sent" },
        status: { enum: ["ok", ...SEVERITIES], description: "The worst of the findings" },
        expected: object({
          domain: { ...textOrNull, description: "The mail domain whose certificate is declared" },
          fingerprintSha256: {
            ...orNull(fingerprint),
            description:
              "Null if the current certificate is not known: then the presented one is not compared with it",
          },
          issuedOn: {
            ...orNull(
              object({
                host: text,
                status: {
                  enum: ["ok", "failed", "pending", "unknown"],
                  description: "Of its last run; `unknown` if it could not be asked",
                },
                message: {
                  ...textOrNull,
                  description: "Why the renewal failed, what is pending, or why the status is unknown",
                },
                finishedAt: { ...orNull(time), description: "When that run ended, by the clock of the host" },
              }),
            ),
            description:
              "What the mail host that issues the certificate itself says about it. Null for all other certificates",
          },
          covers: {
            enum: ["required", "optional", "not-needed"],
            description: "Whether the certificate has to be for the name",
          },
          answer: {
            enum: EXPECTED_ANSWERS,
            description:
              "Whether the port has to answer; `optional` if another port of the service is enough",
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
            names: texts,
            fingerprintSha256: fingerprint,
            notBefore: timeOrNull,
            notAfter: timeOrNull,
            chain: {
              type: "array",
              description: "What was sent behind the leaf, in that order",
              items: object({ subject: text, fingerprintSha256: fingerprint, notAfter: timeOrNull }),
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
      unused: { ...count, description: "Handshakes at optional ports that are not in use" },
      right: count,
      errors: count,
      warnings: count,
      notes: count,
      exitCode: { enum: [0, 1, 2] },
    }),
  },
);
