import { PROTOCOLS } from "../../../shared/tls/protocols";
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
import { RISKS } from "../changes/risk";

const list = (items: object) => ({ type: "array", items });
const isSet = { type: "boolean" };
const risk = { enum: RISKS };
const action = { enum: ["no-op", "read", "create", "update", "replace", "delete", "forget"] };
const attributes = { ...texts, description: "Names of top-level attributes that differ; never their values" };

const place = object({ stack: text, host: text, service: text });
const served = {
  anyOf: [
    object({
      kind: { const: "certificate" },
      domain: text,
      isOptional: { ...isSet, description: "Whether the certificate may lack the name" },
    }),
    object({
      kind: { const: "file" },
      path: { ...text, description: "A certificate that is not managed here" },
    }),
    object({ kind: { const: "refused" } }),
    object({ kind: { const: "default" }, domain: textOrNull }),
  ],
};
const names = {
  ...list(
    object({
      change: { enum: ["added", "removed", "changed"] },
      names: texts,
      before: served,
      after: served,
      places: list(place),
    }),
  ),
  description: "A row is one change of names, at all places where it happens",
};
const path = (...changes: readonly string[]) => object({ path: text, change: { enum: changes } });

const stack = object({
  stack: text,
  status: { enum: ["planned", "incomplete", "failed"] },
  risk,
  changes: { ...count, description: "Resources that change" },
  needsReview: isSet,
  engineVersion: textOrNull,
  problem: { ...textOrNull, description: "Why the stack could not be planned" },
});

const domain = object({
  stack: text,
  domain: text,
  change: {
    enum: ["new", "renewed", "reissued", "replaced", "changed", "issued here", "not issued here", "gone"],
  },
  reason: {
    ...textOrNull,
    description: "Why the provider reissues the certificate, such as `due` or `names`",
  },
  namesAdded: texts,
  namesRemoved: texts,
  attributes,
  notAfter: { ...orNull(time), description: "When the certificate expires that is served now" },
});

const file = object({
  path: text,
  change: { enum: ["added", "certificate", "changed", "restored", "permissions", "removed", "kept"] },
  service: { ...textOrNull, description: "The service that reads the file" },
  domain: textOrNull,
  permissions: orNull(object({ before: text, after: text })),
  hasOtherNames: { ...isSet, description: "Whether the names of its resource change too" },
});

const host = object({
  stack: text,
  host: text,
  change: { enum: ["new", "changed", "gone"] },
  files: list(file),
  links: list(
    object({
      path: text,
      change: { enum: ["added", "moved", "removed"] },
      before: textOrNull,
      after: textOrNull,
      service: textOrNull,
    }),
  ),
  directories: list(path("added", "removed")),
  placeholders: list(path("added", "removed")),
  otherAttributes: list(object({ address: text, attribute: text })),
  reloads: { ...texts, description: "Services that are reloaded" },
  pending: { ...texts, description: "What has changed earlier and is not served yet" },
});

const servedChanges = object({
  names,
  defaults: list(object({ before: served, after: served, places: list(place) })),
  endpoints: list(
    object({
      place,
      port: { type: "integer", minimum: 1, maximum: 65_535 },
      protocol: { enum: PROTOCOLS },
      change: { enum: ["added", "removed", "sni on", "sni off"] },
    }),
  ),
  services: list(object({ place, change: { enum: ["new", "gone"] }, names: count })),
  refusals: list(object({ place, refuses: isSet })),
});

/** What `mail-sni plan --json` writes. */
export const PLAN_SCHEMA = document(
  "plan",
  "What a change does to whose mail, from the plans of all stacks.",
  {
    at: { ...time, description: "When the plans were made" },
    risk: { ...risk, description: "The highest of the reasons" },
    reasons: {
      ...list(
        object({
          risk,
          stack: { ...textOrNull, description: "Null for what the tables say" },
          text: { ...text, description: "For people; its wording may change" },
        }),
      ),
      description: "The highest risk first",
    },
    stacks: list(stack),
    domains: list(domain),
    hosts: list(host),
    served: { ...orNull(servedChanges), description: "Null without the table of the target branch" },
    drift: list(
      object({
        stack: text,
        address: text,
        host: textOrNull,
        change: { enum: ["changed", "missing"] },
        paths: list(object({ path: text, drift: { enum: ["missing", "changed", "permissions"] } })),
        attributes,
      }),
    ),
    observed: {
      ...list(object({ stack: text, host: text, status: text, mismatches: count })),
      description: "What hosts serve now, if the plan asks them (`servedChecks`)",
    },
    others: list(
      object({
        stack: text,
        address: text,
        kind: { enum: ["issuer", "job", "renewers", "staged file", "other provider"] },
        action,
        reason: { ...textOrNull, description: "The engine's word" },
        attributes,
        job: {
          ...orNull(object({ host: text, command: texts, pending: textOrNull })),
          description: "The command that the apply runs on a host, and why it has to run again",
        },
        renewers: {
          ...orNull(object({ host: text, off: orNull(texts), on: texts, again: textOrNull })),
          description:
            "Old renewers on a host: what the apply switches off and how (null if only the apply finds it), what it switches on " +
            "again, and what it switches off again because it runs",
        },
      }),
    ),
    addresses: list(
      object({
        stack: text,
        address: text,
        change: { enum: ["moved", "imported", "deposed"] },
        from: textOrNull,
      }),
    ),
    outputs: list(object({ stack: text, name: text, action })),
    diagnostics: list(object({ stack: text, ...diagnosticMembers })),
    findings: {
      ...list(object({ stack: text, text })),
      description: "Warnings of the rules at the last synth, whether they are new or not",
    },
    summary: object({
      domains: count,
      hosts: count,
      names: { type: ["integer", "null"], minimum: 0, description: "Names that are served differently" },
      exitCode: { enum: [0, 1, 2, 3] },
    }),
  },
);
