import { count, document, object, text, textOrNull, time } from "../../output/json-schema";
import { FINDING_STATES } from "../examination/finding";

/** What `mail-sni doctor --json` writes. */
export const DOCTOR_SCHEMA = document(
  "doctor",
  "What would break a deploy of a project, and how to fix it.",
  {
    at: { ...time, description: "When the report was written" },
    findings: {
      type: "array",
      description: "In the order of the checks; a check has one finding at least for each subject",
      items: object({
        check: { ...text, description: "The check, as docs/doctor.md lists it" },
        stack: { ...textOrNull, description: "Null with host and name: this machine" },
        host: textOrNull,
        name: { ...textOrNull, description: "A host name of certificates, or the URL of a CA" },
        state: { enum: FINDING_STATES },
        text: { ...text, description: "What is wrong, why it was skipped, or what was seen" },
        remedy: { ...textOrNull, description: "What to do; null unless the state is error or warning" },
      }),
    },
    summary: object({
      ...Object.fromEntries(FINDING_STATES.map((state) => [state, count])),
      exitCode: { enum: [0, 1, 2] },
    }),
  },
);
