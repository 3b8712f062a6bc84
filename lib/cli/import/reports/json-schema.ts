import { count, document, object, text, textOrNull, texts, time } from "../../output/json-schema";
import { FINDING_CODES, FINDING_STATES } from "../findings/finding";

/** What `mail-sni import --json` writes. */
export const IMPORT_SCHEMA = document(
  "import",
  "What serves and renews certificates on a host, what is wrong with that, and a stack that declares it.",
  {
    at: { ...time, description: "When the report was written" },
    host: { ...text, description: "The destination, or this machine" },
    found: { ...texts, description: "The servers and clients of CAs that were found" },
    findings: {
      type: "array",
      description: "Those that need a decision first",
      items: object({
        code: { enum: FINDING_CODES, description: "As docs/import.md lists them" },
        state: {
          enum: FINDING_STATES,
          description:
            "decision: before the first deploy; deploy: the first deploy corrects it; note: to be known",
        },
        problem: text,
        remedy: text,
        names: { ...texts, description: "All host names that it is about" },
        places: { ...texts, description: "All files, lines and blocks that it is about" },
      }),
    },
    domains: {
      type: "array",
      description: "The domains that the stack declares",
      items: object({
        domain: text,
        names: texts,
        source: { ...text, description: "Where the names come from" },
        certificate: { ...text, description: "The file of its certificate on the host" },
        key: { ...textOrNull, description: "The file of its private key on the host" },
      }),
    },
    defaultDomain: textOrNull,
    stack: { ...textOrNull, description: "TypeScript; null if there is nothing to declare" },
    summary: object({
      ...Object.fromEntries(FINDING_STATES.map((state) => [state, count])),
      exitCode: { enum: [0, 1] },
    }),
  },
);
