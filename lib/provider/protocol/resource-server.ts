import { isRecord } from "../../shared/is-record";
import { printableLine } from "../../shared/text/printable";
import { checkConfiguration, checkWriteOnlySupport, withoutWriteOnly } from "./configuration";
import { planViolations, resultViolations, unknownsIn, withoutUnknowns } from "./consistency";
import type { Diagnostics } from "./diagnostics";
import { reportFault, reportViolations } from "./failure";
import { boundedId, decodeIdentity, encodeIdentity, storedIdentity } from "./identity";
import { initialPlan } from "./initial-plan";
import { PROTOCOL, VALUE } from "./messages";
import { decodePrivate, encodePrivate } from "./private-state";
import type { Context, Outcome, PrivateState, Resource } from "./resource";
import type { AttributePath } from "./schema/attribute-path";
import { attributePathMessage, formatPath, pathFitsSchema } from "./schema/attribute-path";
import type { Attributes } from "./schema/schema";
import { conformObject, FROM_PROVIDER } from "./values/conform";
import { decodeObject, encodeObject, parseExactJson, parseJson, WireError } from "./values/dynamic-value";
import { elements, type ObjectValue, type Value } from "./values/value";
import type { AttributePathMessage, Calls, DynamicValue, IdentityData } from "./wire/messages";

type Request<C extends keyof Calls> = Calls[C]["request"];
/** The response of a call, without its diagnostics. */
type Answer<C extends keyof Calls> = Omit<Calls[C]["response"], "diagnostics">;
type Unconfigured<D> = Omit<Context<D>, "provider">;

/**
 * Handles the calls for one type of resource: converts wire values to those of the resource, and enforces
 * Terraform's rules.
 *
 * Errors are added to the context's diagnostics or thrown; `ProviderServer` then answers with the last known
 * state.
 */
export class ResourceServer<D> {
  readonly #typeName: string;
  // biome-ignore lint/suspicious/noExplicitAny: values are checked against the schema at run time
  readonly #resource: Resource<any, D>;

  // biome-ignore lint/suspicious/noExplicitAny: a resource of any attributes
  constructor(typeName: string, resource: Resource<any, D>) {
    this.#typeName = typeName;
    this.#resource = resource;
  }

  get attributes(): Attributes {
    return this.#resource.schema.attributes;
  }

  async validate(request: Request<"ValidateResourceConfig">, context: Unconfigured<D>): Promise<void> {
    const config = this.#decodeExisting(request.config, "configuration");
    if (request.client_capabilities?.write_only_attributes_allowed !== true) {
      checkWriteOnlySupport(this.attributes, config, context.diagnostics);
    }
    checkConfiguration(this.attributes, config, context.diagnostics);
    if (!context.diagnostics.hasErrors) await this.#resource.validate?.({ ...context, config });
  }

  upgrade(request: Request<"UpgradeResourceState">): Answer<"UpgradeResourceState"> {
    const { json } = request.raw_state ?? {};
    if (json === undefined || json.length === 0) {
      throw new Error("The state is in the format of Terraform 0.11, which this provider never wrote.");
    }
    const current = this.#resource.schema.version;
    if (request.version === current) return this.#currentState(json);
    if (request.version > current || this.#resource.upgrade === undefined) {
      throw new Error(
        `The state of ${this.#typeName} has schema version ${request.version}; this provider reads version ${current}. Use the version of the provider that wrote it, or a later one.`,
      );
    }
    const stored = parseExactJson(json);
    if (!isRecord(stored)) throw new WireError("The engine sent a state that is not an object.");
    return { upgraded_state: this.#encode(this.#resource.upgrade({ ...stored }, request.version)) };
  }

  /** Passes on the bytes unchanged, so that numbers of any size keep all digits. */
  #currentState(json: Uint8Array): Answer<"UpgradeResourceState"> {
    const stored = parseJson(json);
    if (!isRecord(stored)) throw new WireError("The engine sent a state that is not an object.");
    const leaks = Object.entries(this.attributes).some(
      ([name, { writeOnly }]) => writeOnly && stored[name] != null,
    );
    return { upgraded_state: leaks ? this.#encode({ ...stored }) : { json } };
  }

  async read(request: Request<"ReadResource">, context: Context<D>): Promise<Answer<"ReadResource">> {
    const prior = this.#decode(request.current_state);
    if (prior === null) return { new_state: encodeObject(null) };
    const unchanged = {
      new_state: request.current_state ?? undefined,
      private: request.private,
      new_identity: this.#identity(request.current_identity, prior),
    };
    const privateState = decodePrivate(request.private, context.diagnostics);
    const outcome = await this.#resource.read({ ...context, prior, private: privateState });
    if (context.diagnostics.hasErrors) return unchanged;
    if (outcome === null) return { new_state: encodeObject(null) };
    const state = this.#settle("reading", outcome, context.diagnostics);
    return context.diagnostics.hasErrors
      ? unchanged
      : {
          new_state: encodeObject(state),
          private: privateBytes(outcome, request.private),
          new_identity: this.#identity(request.current_identity, state),
        };
  }

  /** The identity that the engine knows, which never changes; otherwise that of the state. */
  #identity(known: IdentityData | null | undefined, state: ObjectValue): IdentityData | undefined {
    const { identity } = this.#resource;
    if (identity === undefined) return undefined;
    return encodeIdentity(identity, decodeIdentity(identity, known) ?? identity.of(state as never));
  }

  async plan(
    request: Request<"PlanResourceChange">,
    context: Context<D>,
  ): Promise<Answer<"PlanResourceChange">> {
    const { diagnostics } = context;
    const prior = this.#decode(request.prior_state);
    const config = this.#decode(request.config);
    if (config === null) {
      return { planned_state: encodeObject(null), planned_private: request.prior_private };
    }
    const proposed = this.#decodeExisting(request.proposed_new_state, "proposed state");
    const refused = {
      planned_state: request.prior_state ?? undefined,
      planned_private: request.prior_private,
      planned_identity: request.prior_identity ?? undefined,
    };
    checkConfiguration(this.attributes, config, diagnostics);
    if (diagnostics.hasErrors) return refused;

    const planned = initialPlan(this.attributes, prior, config, proposed);
    const replacements: AttributePath[] = [];
    await this.#resource.plan?.({
      ...context,
      config,
      prior,
      planned,
      private: decodePrivate(request.prior_private, diagnostics),
      requireReplacement: (path) => replacements.push(path),
    });
    if (diagnostics.hasErrors) return refused;

    const settled = withoutWriteOnly(this.attributes, conformObject(this.attributes, planned, FROM_PROVIDER));
    reportViolations(
      PROTOCOL.invalidPlan(this.#typeName),
      planViolations(this.attributes, prior, config, settled),
      diagnostics,
    );
    return {
      planned_state: encodeObject(settled),
      planned_private: request.prior_private,
      planned_identity: request.prior_identity ?? undefined,
      requires_replace: this.#replacements(replacements, prior, settled, diagnostics),
    };
  }

  /**
   * The paths that require a replacement. Paths that exist neither in the prior state nor in the plan are left out:
   * nothing changed there, and the engine refuses them.
   */
  #replacements(
    paths: readonly AttributePath[],
    prior: ObjectValue | null,
    planned: ObjectValue,
    diagnostics: Diagnostics,
  ): AttributePathMessage[] {
    const unfit = paths.filter((path) => !pathFitsSchema(this.attributes, path));
    for (const path of unfit) {
      const what = PROTOCOL.invalidPlan(this.#typeName);
      reportFault(what, `It names the attribute ${formatPath(path)}, which does not exist.`, diagnostics);
    }
    return paths
      .filter((path) => !unfit.includes(path))
      .filter((path) => (prior !== null && leadsSomewhere(prior, path)) || leadsSomewhere(planned, path))
      .map((path) => attributePathMessage(this.attributes, path));
  }

  apply(
    request: Request<"ApplyResourceChange">,
    context: Context<D>,
  ): Promise<Answer<"ApplyResourceChange">> {
    const prior = this.#decode(request.prior_state);
    const planned = this.#decode(request.planned_state);
    if (planned === null) return this.#delete(prior, request, context);
    const config = this.#decodeExisting(request.config, "configuration");
    return prior === null
      ? this.#create(config, planned, request, context)
      : this.#update(prior, config, planned, request, context);
  }

  async #create(
    config: ObjectValue,
    planned: ObjectValue,
    request: Request<"ApplyResourceChange">,
    context: Context<D>,
  ): Promise<Answer<"ApplyResourceChange">> {
    const outcome = await this.#resource.create({ ...context, config, planned });
    if (outcome !== null) return this.#applied("creating", outcome, planned, request, context);
    this.#missing("creating", context.diagnostics);
    return { new_state: encodeObject(null) };
  }

  async #update(
    prior: ObjectValue,
    config: ObjectValue,
    planned: ObjectValue,
    request: Request<"ApplyResourceChange">,
    context: Context<D>,
  ): Promise<Answer<"ApplyResourceChange">> {
    const privateState = decodePrivate(request.planned_private, context.diagnostics);
    const outcome = await this.#resource.update({
      ...context,
      prior,
      config,
      planned,
      private: privateState,
    });
    if (outcome !== null) return this.#applied("updating", outcome, planned, request, context);
    this.#missing("updating", context.diagnostics);
    return {
      new_state: request.prior_state ?? undefined,
      private: request.planned_private,
      new_identity: this.#identity(request.planned_identity, prior),
    };
  }

  async #delete(
    prior: ObjectValue | null,
    request: Request<"ApplyResourceChange">,
    context: Context<D>,
  ): Promise<Answer<"ApplyResourceChange">> {
    if (prior === null) return { new_state: encodeObject(null) };
    const privateState = decodePrivate(request.planned_private, context.diagnostics);
    await this.#resource.delete({ ...context, prior, private: privateState });
    return context.diagnostics.hasErrors
      ? {
          new_state: request.prior_state ?? undefined,
          private: request.planned_private,
          new_identity: this.#identity(request.planned_identity, prior),
        }
      : { new_state: encodeObject(null) };
  }

  /** After an error the outcome is the actual state, which may differ from the plan. */
  #applied(
    doing: string,
    outcome: Outcome<Attributes>,
    planned: ObjectValue,
    { planned_private: previousPrivate, planned_identity: known }: Request<"ApplyResourceChange">,
    { diagnostics }: Context<D>,
  ): Answer<"ApplyResourceChange"> {
    const state = this.#settle(doing, outcome, diagnostics);
    if (!diagnostics.hasErrors) {
      reportViolations(
        PROTOCOL.inconsistentResult(doing, this.#typeName),
        resultViolations(this.attributes, planned, state),
        diagnostics,
      );
    }
    return {
      new_state: encodeObject(state),
      private: privateBytes(outcome, previousPrivate),
      new_identity: this.#identity(known, state),
    };
  }

  async import(
    request: Request<"ImportResourceState">,
    context: Context<D>,
  ): Promise<Answer<"ImportResourceState">> {
    const { identity } = this.#resource;
    if (this.#resource.import === undefined || identity === undefined) {
      throw new Error(`A ${this.#typeName} cannot be imported: declare it and apply.`);
    }
    const given = decodeIdentity(identity, request.identity) ?? identity.parse(boundedId(request.id));
    const outcome = await this.#resource.import({ ...context, identity: given });
    if (outcome === null) {
      if (!context.diagnostics.hasErrors) {
        context.diagnostics.error(
          VALUE.nothingToImport,
          `There is no ${this.#typeName} for ${printableLine(request.id || JSON.stringify(given))}.`,
        );
      }
      return {};
    }
    const state = this.#settle("importing", outcome, context.diagnostics);
    const imported = {
      type_name: this.#typeName,
      state: encodeObject(state),
      private: privateBytes(outcome, undefined),
      identity: encodeIdentity(identity, given),
    };
    return { imported_resources: [imported] };
  }

  /** Not every engine calls it only for types that it asked about, so that is checked here. */
  async move(
    request: Request<"MoveResourceState">,
    context: Pick<Context<D>, "diagnostics">,
  ): Promise<Answer<"MoveResourceState">> {
    const { source_type_name: typeName, source_provider_address: providerAddress } = request;
    const { json } = request.source_state ?? {};
    const moved =
      json === undefined || json.length === 0
        ? null
        : await this.#resource.move?.({
            ...context,
            providerAddress,
            typeName,
            schemaVersion: request.source_schema_version,
            state: sourceState(json),
          });
    if (!moved) {
      if (context.diagnostics.hasErrors) return {};
      throw new Error(
        `A ${printableLine(typeName)} of the provider ${printableLine(providerAddress)} cannot become a ${this.#typeName}.`,
      );
    }
    const state = this.#settle("moving", moved, context.diagnostics);
    return {
      target_state: encodeObject(state),
      target_private: privateBytes(moved, undefined),
      target_identity: this.#identity(null, state),
    };
  }

  /** Identities have had one version, so a stored one only has to fit. */
  upgradeIdentity(request: Request<"UpgradeResourceIdentity">): Answer<"UpgradeResourceIdentity"> {
    const { identity } = this.#resource;
    if (identity === undefined) throw new Error(`A ${this.#typeName} has no identity.`);
    return { upgraded_identity: storedIdentity(identity, request.version, request.raw_identity) };
  }

  /** A state that an engine can store: it fits the schema, without write-only and unknown values. */
  #settle(doing: string, outcome: Outcome<Attributes>, diagnostics: Diagnostics): ObjectValue {
    const state = withoutWriteOnly(
      this.attributes,
      conformObject(this.attributes, outcome.state, FROM_PROVIDER),
    );
    const what = PROTOCOL.invalidObject(doing, this.#typeName);
    for (const path of unknownsIn(state)) {
      reportFault(what, `${formatPath(path)} is still unknown.`, diagnostics, path);
    }
    return withoutUnknowns(state);
  }

  #missing(doing: string, diagnostics: Diagnostics): void {
    if (diagnostics.hasErrors) return;
    reportFault(PROTOCOL.noResult(doing, this.#typeName), "No error was given.", diagnostics);
  }

  #decode(wire: DynamicValue | null | undefined): ObjectValue | null {
    return decodeObject(this.attributes, wire);
  }

  #decodeExisting(wire: DynamicValue | null | undefined, what: string): ObjectValue {
    const object = this.#decode(wire);
    if (object === null) throw new WireError(`The engine sent no ${what}.`);
    return object;
  }

  #encode(state: Record<string, unknown>): DynamicValue {
    return encodeObject(
      withoutWriteOnly(this.attributes, conformObject(this.attributes, state, FROM_PROVIDER)),
    );
  }
}

/** A state of another provider is not larger than this. */
const MOST_SOURCE_BYTES = 16 * 1024 * 1024;

function sourceState(json: Uint8Array): Readonly<Record<string, unknown>> {
  if (json.length > MOST_SOURCE_BYTES) throw new WireError("The state that is to be moved is too large.");
  const state = parseExactJson(json);
  if (!isRecord(state)) throw new WireError("The engine sent a state that is not an object.");
  return state;
}

function privateBytes(
  { private: state }: { readonly private?: PrivateState },
  previous: Uint8Array | undefined,
) {
  return state === undefined ? previous : encodePrivate(state);
}

function leadsSomewhere(object: ObjectValue, path: AttributePath): boolean {
  let value: Value = object;
  for (const step of path) {
    const next: Value | undefined = elements(value).get(step);
    if (next === undefined) return false;
    value = next;
  }
  return true;
}
