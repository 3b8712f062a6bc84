import type { Provider } from "../../../../lib/provider/protocol/provider";
import type { Resource } from "../../../../lib/provider/protocol/resource";
import type { Attributes, AttributeType } from "../../../../lib/provider/protocol/schema/schema";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { connect, type TestClient } from "./client";

type Fields = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: resources of random attributes
type AnyResource = Resource<any, null>;

/** A provider to which resources of random schemas are added while it runs. */
export class RandomProvider {
  readonly #resources: Record<string, AnyResource> = {};
  #count = 0;
  #client: TestClient | undefined;

  get client(): TestClient {
    if (this.#client === undefined) throw new Error("not started");
    return this.#client;
  }

  async start(): Promise<void> {
    const provider: Provider<Attributes, null> = {
      schema: { version: 0, description: "Random.", attributes: {} },
      resources: this.#resources,
      dataSources: {},
      configure: () => null,
    };
    this.#client = await connect(provider);
    await this.#client.call("ConfigureProvider", {
      terraform_version: "1.11.4",
      config: { msgpack: Uint8Array.of(0x80) },
    });
  }

  async stop(): Promise<void> {
    await this.#client?.close();
  }

  /** Adds a resource and returns the name of its type. */
  add(attributes: Attributes, operations: Partial<AnyResource>): string {
    const name = `random_${this.#count++}`;
    this.#resources[name] = {
      schema: { version: 0, description: "Random.", attributes },
      create: async ({ planned }) => ({ state: complete(attributes, planned as Fields) }),
      read: async ({ prior }) => ({ state: prior }),
      update: async ({ planned }) => ({ state: complete(attributes, planned as Fields) }),
      delete: async () => {},
      ...operations,
    };
    return name;
  }
}

/** `object` with a value in place of each that is unknown. */
export function complete(attributes: Attributes, object: Fields): Fields {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type }]) => [name, completeValue(type, object[name] ?? null)]),
  );
}

function completeValue(type: AttributeType, value: unknown): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "string":
      return value === UNKNOWN ? "now known" : value;
    case "number":
      return value === UNKNOWN ? 7.25 : value;
    case "bool":
      return value === UNKNOWN ? true : value;
    case "list":
    case "set":
      return value === UNKNOWN ? [] : (value as unknown[]).map((one) => completeValue(type.element, one));
    case "map":
      return value === UNKNOWN ? {} : mapValues(value, (one) => completeValue(type.element, one));
    case "nested": {
      const object = (one: unknown) =>
        complete(type.attributes, one === UNKNOWN ? allUnknown(type.attributes) : (one as Fields));
      if (type.nesting === "single") return object(value);
      if (value === UNKNOWN) return type.nesting === "list" ? [] : {};
      return type.nesting === "list" ? (value as unknown[]).map(object) : mapValues(value, object);
    }
  }
}

function allUnknown(attributes: Attributes): Fields {
  return Object.fromEntries(Object.keys(attributes).map((name) => [name, UNKNOWN]));
}

function mapValues(value: unknown, map: (element: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(value as Fields).map(([key, element]) => [key, map(element)]));
}

/** `state` without what is only in a configuration. */
export function withoutWriteOnly(attributes: Attributes, state: Fields): Fields {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, attributes[name]?.writeOnly ? null : value]),
  );
}
