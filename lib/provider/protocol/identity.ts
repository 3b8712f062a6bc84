import type { Identity, IdentityValues } from "./resource";
import { type Attributes, attribute } from "./schema/schema";
import { conformObject, FROM_PROVIDER } from "./values/conform";
import { decodeObject, encodeObject, parseExactJson, WireError } from "./values/dynamic-value";
import type { IdentityData, IdentitySchemaMessage, RawState } from "./wire/messages";

type AnyIdentity = Pick<Identity<Attributes>, "attributes">;

const VERSION = 0;
/** No path and no name is longer. */
const MOST_CHARACTERS = 4096;

export function identitySchema({ attributes }: AnyIdentity): IdentitySchemaMessage {
  return {
    version: VERSION,
    identity_attributes: Object.entries(attributes).map(([name, { description, required }]) => ({
      name,
      type: Buffer.from(JSON.stringify("string")),
      required_for_import: required,
      optional_for_import: !required,
      description,
    })),
  };
}

export function encodeIdentity(identity: AnyIdentity, values: IdentityValues): IdentityData {
  return { identity_data: encodeObject(conformObject(schemaOf(identity), values, FROM_PROVIDER)) };
}

/** What an engine has sent; null if it has sent none. @throws {WireError} */
export function decodeIdentity(
  identity: AnyIdentity,
  wire: IdentityData | null | undefined,
): IdentityValues | null {
  const data = wire?.identity_data;
  if (!data?.msgpack?.length && !data?.json?.length) return null;
  const values = decodeObject(schemaOf(identity), data);
  return values && checked(values);
}

/** What an engine has stored. @throws {WireError} */
export function storedIdentity(
  identity: AnyIdentity,
  version: number,
  raw: RawState | null | undefined,
): IdentityData {
  if (version > VERSION)
    throw new WireError(`A later version of the provider wrote the identity (${version}, not ${VERSION}).`);
  const json = raw?.json;
  if (json === undefined || json.length === 0) throw new WireError("The engine sent no identity.");
  return {
    identity_data: encodeObject(conformObject(schemaOf(identity), parseExactJson(json), FROM_PROVIDER)),
  };
}

function schemaOf({ attributes }: AnyIdentity): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { description }]) => [
      name,
      attribute.string({ description, optional: true }),
    ]),
  );
}

function checked(values: Readonly<Record<string, unknown>>): IdentityValues {
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && typeof value !== "string")
      throw new WireError(`${name} of the identity is not known.`);
    if (typeof value === "string" && value.length > MOST_CHARACTERS)
      throw new WireError(`${name} of the identity is longer than ${MOST_CHARACTERS} characters.`);
  }
  return values as IdentityValues;
}

/** The id of an import is bounded before anything parses it. @throws Error */
export function boundedId(id: string): string {
  if (id.length > 3 * MOST_CHARACTERS)
    throw new Error(`The id is longer than ${3 * MOST_CHARACTERS} characters.`);
  return id;
}
