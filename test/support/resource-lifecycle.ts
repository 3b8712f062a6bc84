import { Diagnostics } from "../../lib/provider/protocol/diagnostics";
import type { Context, Resource } from "../../lib/provider/protocol/resource";
import { ResourceServer } from "../../lib/provider/protocol/resource-server";
import type { Attributes } from "../../lib/provider/protocol/schema/schema";
import { decodeObject, encodeObject } from "../../lib/provider/protocol/values/dynamic-value";
import { isWhollyKnown, UNKNOWN } from "../../lib/provider/protocol/values/unknown";
import { isObject, type ObjectValue, type Value } from "../../lib/provider/protocol/values/value";
import type { Calls } from "../../lib/provider/protocol/wire/messages";

type Response = Calls["ApplyResourceChange"]["response"];

export type Values = Readonly<Record<string, Value>>;

export interface Step {
  readonly state: Values | null;
  /** `severity summary: detail @path` */
  readonly diagnostics: readonly string[];
}

export interface Plan extends Step {
  readonly planned: Values;
  readonly action: "create" | "update" | "no-op";
  /** The attributes that are known after apply only. */
  readonly unknown: readonly string[];
}

/**
 * One object of a resource, taken through validate, plan, apply and read in process as an engine would, with the rules
 * of the protocol held by the real server: what breaks them shows as a diagnostic.
 */
export class ResourceLifecycle {
  readonly #attributes: Attributes;
  readonly #server: ResourceServer<unknown>;
  state: Values | null = null;
  /** What an engine keeps beside the state. */
  private: Uint8Array | undefined;
  /** Aborted as a stopped engine, or one that is gone, would have it. */
  signal: Context<unknown>["signal"] = new AbortController().signal;

  constructor(
    // biome-ignore lint/suspicious/noExplicitAny: a resource of any attributes, for any provider
    resource: Resource<any, any>,
    /** What the provider's `configure` returned. */
    private readonly provider: unknown = null,
  ) {
    this.#attributes = resource.schema.attributes;
    this.#server = new ResourceServer("test_resource", resource);
  }

  async validate(config: Values): Promise<readonly string[]> {
    const context = this.#context();
    const client_capabilities = { write_only_attributes_allowed: true, deferral_allowed: false };
    const request = { type_name: "test_resource", config: this.#encode(config), client_capabilities };
    await this.#server.validate(request as never, context);
    return listed(context.diagnostics);
  }

  async plan(config: Values): Promise<Plan> {
    const invalid = await this.validate(config);
    const prior = this.state;
    if (invalid.length > 0) {
      return { state: prior, planned: prior ?? {}, diagnostics: invalid, action: "no-op", unknown: [] };
    }
    const context = this.#context();
    const response = await this.#server.plan(
      {
        type_name: "test_resource",
        prior_state: encodeObject(prior),
        prior_private: this.private,
        proposed_new_state: encodeObject(this.#proposed(config)),
        config: this.#encode(config),
      } as never,
      context,
    );
    const planned = decodeObject(this.#attributes, response.planned_state) ?? {};
    const same = JSON.stringify(comparable(planned)) === JSON.stringify(comparable(prior ?? {}));
    return {
      state: prior,
      planned,
      diagnostics: listed(context.diagnostics),
      action: prior === null ? "create" : same ? "no-op" : "update",
      unknown: Object.keys(planned).filter((name) => !isWhollyKnown<unknown>(planned[name])),
    };
  }

  /** @param config wholly known, as it is by the time of an apply */
  async apply(config: Values): Promise<Step> {
    const plan = await this.plan(config);
    if (plan.action === "no-op") return plan;
    const context = this.#context();
    const response = await this.#server.apply(
      {
        type_name: "test_resource",
        prior_state: encodeObject(this.state),
        planned_state: encodeObject(plan.planned),
        planned_private: this.private,
        config: this.#encode(config),
      } as never,
      context,
    );
    this.#keep(response);
    return { state: this.state, diagnostics: listed(context.diagnostics) };
  }

  async read(): Promise<Step> {
    const context = this.#context();
    const current_state = encodeObject(this.state);
    const request = { type_name: "test_resource", current_state, private: this.private };
    const response = await this.#server.read(request as never, context);
    this.#keep(response);
    return { state: this.state, diagnostics: listed(context.diagnostics) };
  }

  /** Diagnostics; the state is gone where there is no error among them. */
  async destroy(): Promise<readonly string[]> {
    const context = this.#context();
    const response = await this.#server.apply(
      {
        type_name: "test_resource",
        prior_state: encodeObject(this.state),
        planned_state: encodeObject(null),
        planned_private: this.private,
        config: encodeObject(null),
      } as never,
      context,
    );
    this.#keep(response);
    return listed(context.diagnostics);
  }

  #keep(response: Pick<Response, "new_state" | "private">): void {
    this.state = decodeObject(this.#attributes, response.new_state);
    this.private = response.private;
  }

  #context(): Context<unknown> {
    const { provider, signal } = this;
    return { provider, diagnostics: new Diagnostics(), signal };
  }

  #encode(config: Values) {
    return encodeObject(this.#complete(config));
  }

  #complete(config: Values): ObjectValue {
    return Object.fromEntries(Object.keys(this.#attributes).map((name) => [name, config[name] ?? null]));
  }

  #proposed(config: Values): ObjectValue {
    return proposed(this.#attributes, this.state, this.#complete(config));
  }
}

/** The configuration, with what was there before where that is computed and not configured. */
function proposed(attributes: Attributes, prior: Values | null, config: Values): ObjectValue {
  const entries = Object.entries(attributes).map(([name, { type, computed }]): [string, Value] => {
    const was: Value = prior?.[name] ?? null;
    const wanted: Value = config[name] ?? null;
    if (computed && wanted === null) return [name, was];
    if (type.kind !== "nested" || type.nesting !== "map" || !isObject(wanted)) return [name, wanted];
    const elements = Object.entries(wanted).map(([key, element]): [string, Value] => {
      const before = isObject(was) && isObject(was[key]) ? was[key] : null;
      return [key, isObject(element) ? proposed(type.attributes, before, element) : element];
    });
    return [name, Object.fromEntries(elements)];
  });
  return Object.fromEntries(entries);
}

function listed(diagnostics: Diagnostics): string[] {
  return diagnostics.all.map(
    ({ severity, summary, detail, path = [] }) => `${severity} ${summary}: ${detail} @${path.join(".")}`,
  );
}

/** `JSON.stringify` would pass over what is unknown. */
function comparable(values: Values): Values {
  const entries = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, value]) => [name, value === UNKNOWN ? "(unknown)" : value]));
}
