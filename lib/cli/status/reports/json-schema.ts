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
import { CERTIFICATE_STATES } from "../overview/certificate-state";

const stack = { ...textOrNull, description: "Null where --facts named a file, and --stack no stack" };

/** What `mail-sni status --json` writes. */
export const STATUS_SCHEMA = document("status", "What the public facts of a project's stacks say.", {
  at: { ...time, description: "The time that everything is compared with" },
  runIntervalHours: { type: "number", exclusiveMinimum: 0 },
  domains: {
    type: "array",
    description: "The most urgent first",
    items: object({
      stack,
      domain: text,
      state: { enum: CERTIFICATE_STATES },
      issuer: { ...textOrNull, description: "The URL of a CA's directory, or the address of a private CA" },
      fingerprintSha256: orNull(fingerprint),
      notAfter: orNull(time),
      renewAt: { ...orNull(time), description: "When the renewal falls due" },
      hosts: {
        ...texts,
        description: "The mail hosts that issue and renew one themselves, whose dates no output has",
      },
      daysLeft: { type: ["integer", "null"], description: "Whole days until notAfter; negative behind it" },
    }),
  },
  hosts: {
    type: "array",
    description: "Those with something pending first",
    items: object({
      stack,
      host: text,
      pending: { ...texts, description: "What has changed there and is not served yet" },
    }),
  },
  journals: {
    type: "array",
    description: "Stacks whose issuance journal on this machine has what the last deploy did not save",
    items: object({
      stack,
      path: { ...text, description: "The directory" },
      certificates: { ...count, description: "Those that a killed run has begun to order" },
      issued: { ...count, description: "Those of them that were issued and downloaded" },
    }),
  },
  unreadStacks: { ...texts, description: "Stacks whose output could not be read" },
  summary: object({
    ...Object.fromEntries(CERTIFICATE_STATES.map((state) => [state, count])),
    domains: count,
    pending: count,
    exitCode: { enum: [0, 1, 2] },
  }),
});
