import type { Attributes, AttributeType, Schema } from "./schema";
import { typeJson } from "./schema-message";

/** The schemas of a provider. */
interface HasSchemas {
  readonly schema: Schema;
  readonly resources: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly dataSources: Readonly<Record<string, { readonly schema: Schema }>>;
}

/** What `terraform providers schema -json` prints for one provider. */
export interface ProviderSchemaJson {
  readonly provider: SchemaJson;
  readonly resource_schemas?: Readonly<Record<string, SchemaJson>>;
  readonly data_source_schemas?: Readonly<Record<string, SchemaJson>>;
}

export interface SchemaJson {
  readonly version: number;
  readonly block: {
    readonly attributes?: Readonly<Record<string, AttributeJson>>;
    readonly description: string;
    readonly description_kind: "markdown";
  };
}

export interface AttributeJson {
  readonly type?: ReturnType<typeof typeJson>;
  readonly nested_type?: {
    readonly attributes: Readonly<Record<string, AttributeJson>>;
    readonly nesting_mode: "single" | "list" | "map";
  };
  readonly description: string;
  readonly description_kind: "markdown";
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly sensitive?: true;
  readonly write_only?: true;
}

/** The provider's schemas as an engine would print them, from which bindings and documentation are generated. */
export function providerSchemaJson(provider: HasSchemas): ProviderSchemaJson {
  const schemas = (all: Readonly<Record<string, { readonly schema: Schema }>>) =>
    sorted(all, ({ schema }) => schemaJson(schema));
  return {
    provider: schemaJson(provider.schema),
    ...(Object.keys(provider.resources).length > 0 && { resource_schemas: schemas(provider.resources) }),
    ...(Object.keys(provider.dataSources).length > 0 && {
      data_source_schemas: schemas(provider.dataSources),
    }),
  };
}

function schemaJson({ version, description, attributes }: Schema): SchemaJson {
  return {
    version,
    block: {
      ...(Object.keys(attributes).length > 0 && { attributes: attributesJson(attributes) }),
      description,
      description_kind: "markdown",
    },
  };
}

function attributesJson(attributes: Attributes): Record<string, AttributeJson> {
  return sorted(attributes, ({ type, description, required, optional, computed, sensitive, writeOnly }) => ({
    ...attributeTypeJson(type),
    description,
    description_kind: "markdown",
    ...(required && { required }),
    ...(optional && { optional }),
    ...(computed && { computed }),
    ...(sensitive && { sensitive }),
    ...(writeOnly && { write_only: writeOnly }),
  }));
}

function attributeTypeJson(type: AttributeType): Pick<AttributeJson, "type" | "nested_type"> {
  if (type.kind !== "nested") return { type: typeJson(type) };
  return { nested_type: { attributes: attributesJson(type.attributes), nesting_mode: type.nesting } };
}

function sorted<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(
    Object.entries(record)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, value]) => [key, map(value)]),
  );
}
