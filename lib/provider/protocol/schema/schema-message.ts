import { type AttributeMessage, NestingMode, type SchemaMessage, StringKind } from "../wire/messages";
import type { Attributes, AttributeType, NestedType, Schema, ValueType } from "./schema";

/** A schema as a protocol message. Throws if an engine would refuse it or crash. */
export function schemaMessage({ version, description, attributes }: Schema): SchemaMessage {
  return {
    version,
    block: {
      attributes: attributeMessages(attributes, true),
      description,
      description_kind: StringKind.MARKDOWN,
    },
  };
}

function attributeMessages(attributes: Attributes, top: boolean): AttributeMessage[] {
  return Object.entries(attributes).map(([name, attribute]) => {
    checkAttribute(name, attribute, top);
    return {
      name,
      ...typeMessage(attribute.type),
      description: attribute.description,
      description_kind: StringKind.MARKDOWN,
      required: attribute.required === true,
      optional: attribute.optional === true,
      computed: attribute.computed === true,
      sensitive: attribute.sensitive === true,
      write_only: attribute.writeOnly === true,
    };
  });
}

function typeMessage(type: AttributeType): Pick<AttributeMessage, "type" | "nested_type"> {
  if (type.kind !== "nested") return { type: Buffer.from(JSON.stringify(typeJson(type))) };
  return {
    nested_type: { attributes: attributeMessages(type.attributes, false), nesting: NESTING[type.nesting] },
  };
}

const NESTING: Readonly<Record<NestedType["nesting"], number>> = {
  single: NestingMode.SINGLE,
  list: NestingMode.LIST,
  map: NestingMode.MAP,
};

type TypeJson = string | readonly [string, TypeJson];

/** A type in the JSON form of Terraform's type system, such as `["map","string"]`. */
export function typeJson(type: ValueType): TypeJson {
  return "element" in type ? [type.kind, typeJson(type.element)] : type.kind;
}

function checkAttribute(
  name: string,
  { required, optional, computed, writeOnly }: Attributes[string],
  top: boolean,
): void {
  const fault = (problem: string) =>
    new Error(`Fault in the provider's schema: the attribute ${name} ${problem}.`);
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw fault("has a name of other than a-z, 0-9 and _");
  if (!(required || optional || computed)) throw fault("is neither required nor optional nor computed");
  if (required && (optional || computed)) throw fault("is required, and optional or computed too");
  if (writeOnly && (computed || !top)) throw fault("is write-only, and computed or not at the top level");
}
