/** Pieces of the JSON Schemas of what commands write. */
export const text = { type: "string" };
export const texts = { type: "array", items: text };
export const textOrNull = { type: ["string", "null"] };
export const time = { type: "string", format: "date-time" };
export const fingerprint = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  description: "SHA-256 of the DER",
};
export const count = { type: "integer", minimum: 0 };

/** An object whose members are all present; a later release may add members. */
export function object(properties: Readonly<Record<string, object>>): object {
  return { type: "object", required: Object.keys(properties), properties };
}

export function orNull(schema: object): object {
  return { anyOf: [schema, { type: "null" }] };
}

/** The members of an object for a message of the engine, as `EngineDiagnostic` has them. */
export const diagnosticMembers = {
  severity: { enum: ["error", "warning"] },
  summary: text,
  detail: text,
  address: textOrNull,
};

/** The first members of the schema for the output of `mail-sni COMMAND --json`, as JSON Schema 2020-12. */
export function document(command: string, description: string, properties: Readonly<Record<string, object>>) {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:mail-sni:${command}:1`,
    title: `mail-sni ${command}`,
    description,
    ...object({ version: { const: 1 }, ...properties }),
  };
}
