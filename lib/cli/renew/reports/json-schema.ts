import {
  count,
  diagnosticMembers,
  document,
  object,
  orNull,
  text,
  textOrNull,
  texts,
  time,
} from "../../output/json-schema";
import { OUTCOMES } from "../outcome/stack-run";
import { REFUSAL_CAUSES } from "../policy/refusal";

/** What `mail-sni renew --json` writes. */
export const RENEW_SCHEMA = document("renew", "What a scheduled run did for each stack.", {
  at: { ...time, description: "When the run ended" },
  stacks: {
    type: "array",
    items: object({
      stack: text,
      outcome: { enum: OUTCOMES },
      problem: { ...textOrNull, description: "Why there is no plan, or why the apply ended" },
      due: {
        ...texts,
        description: "The mail domains whose renewals are due: if the plan is refused, they wait",
      },
      renewed: {
        ...orNull(texts),
        description: "Mail domains with another certificate than before; null if that is not known",
      },
      refusals: {
        type: "array",
        items: object({
          address: { ...textOrNull, description: "Null if it is the plan as a whole" },
          problem: text,
          cause: { enum: REFUSAL_CAUSES },
        }),
      },
      diagnostics: {
        type: "array",
        description: "What the engine said of the plan and the apply",
        items: object(diagnosticMembers),
      },
      omittedDiagnostics: { ...count, description: "How many more messages the engine had" },
      troubles: {
        ...texts,
        description:
          "Late renewals, what is pending, hosts that were not reached, an output mail_sni that cannot be read, and messages of the engine that are left out",
      },
      factsProblem: {
        ...textOrNull,
        description:
          "Why the output mail_sni of the stack cannot be read; null if it was read, or not asked for",
      },
      firstExpiry: {
        ...orNull(object({ domain: text, notAfter: time, daysLeft: { type: "integer" } })),
        description: "Null if no end of a certificate is known",
      },
      verification: object({
        done: { type: "boolean" },
        reason: { ...text, description: "The totals; why nothing was verified, if it was not" },
        withoutFacts: {
          type: "boolean",
          description: "Whether certificates were not compared with those that the stack issued",
        },
        lines: { ...texts, description: "Findings" },
      }),
      exitCode: { enum: [0, 1, 2, 4], description: "Of this stack alone" },
    }),
  },
  summary: object({ exitCode: { enum: [0, 1, 2, 4] } }),
});
