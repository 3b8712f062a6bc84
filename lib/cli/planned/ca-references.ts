import { JsonObject } from "../json/json-object";
import type { JsonValue } from "../json/json-value";
import { MOST_ADDRESS_BYTES, MOST_ATTRIBUTES, MOST_MEMBERS, PRIVATE_CERTIFICATE } from "./resource-format";

const MOST_REFERENCES = 1000;

/**
 * What the CA of a private certificate is in the configuration: the references in the expression of its `ca_certificate_pem`, such as
 * `mailsni_private_ca.ca.certificate_pem` and `mailsni_private_ca.ca`. No other expression is read, and no value.
 *
 * @param value a resource of `configuration`
 * @returns null for resources of other types
 * @throws JsonBytesError
 */
export function caReferences(
  value: JsonValue,
): readonly [address: string, references: readonly string[]] | null {
  const resource = new JsonObject(value, MOST_MEMBERS);
  if (resource.text("type") !== PRIVATE_CERTIFICATE) return null;
  const address = resource.needed("address").text(MOST_ADDRESS_BYTES);
  const expressions = membersOf(resource.optional("expressions"));
  const references = membersOf(expressions?.optional("ca_certificate_pem") ?? null)?.optional("references");
  return [address, references?.list(MOST_REFERENCES).map((one) => one.text(MOST_ADDRESS_BYTES)) ?? []];
}

function membersOf(value: JsonValue | null): JsonObject | null {
  return value === null ? null : new JsonObject(value, MOST_ATTRIBUTES);
}
