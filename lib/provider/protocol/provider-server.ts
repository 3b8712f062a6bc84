import { setMaxListeners } from "node:events";
import { checkConfiguration } from "./configuration";
import { unknownsIn } from "./consistency";
import { type Diagnostic, Diagnostics } from "./diagnostics";
import { supportsWriteOnly } from "./engine-version";
import { reportFailure } from "./failure";
import { identitySchema } from "./identity";
import { PROTOCOL } from "./messages";
import type { Provider } from "./provider";
import type { Context, DataSource } from "./resource";
import { ResourceServer } from "./resource-server";
import type { AttributePath } from "./schema/attribute-path";
import { attributePathMessage } from "./schema/attribute-path";
import type { Attributes, Schema } from "./schema/schema";
import { schemaMessage } from "./schema/schema-message";
import { conformObject, FROM_PROVIDER, ValueError } from "./values/conform";
import { decodeObject, encodeObject, WireError } from "./values/dynamic-value";
import type { ObjectValue } from "./values/value";
import { type Calls, type DiagnosticMessage, type DynamicValue, Severity } from "./wire/messages";

type Request<C extends keyof Calls> = Calls[C]["request"];
type Response<C extends keyof Calls> = Calls[C]["response"];
type Answer<C extends keyof Calls> = Omit<Response<C>, "diagnostics">;

/** The handlers of the service `tfplugin6.Provider`. None of them ever rejects. */
export type Handlers = { readonly [C in keyof Calls]: (request: Request<C>) => Promise<Response<C>> };

/** Answers the engine's calls for one provider, independent of the transport. */
export class ProviderServer<D> {
  readonly #provider: Provider<Attributes, D>;
  readonly #resources = new Map<string, ResourceServer<D>>();
  readonly #applying = new Set<Promise<unknown>>();
  #configured: { readonly provider: D } | null = null;
  #stopping = stopSwitch();
  #isAbandoned = false;

  /** @param isEngineGone asked besides `abandon`, which an event leads to: another run may be faster than that */
  constructor(
    // biome-ignore lint/suspicious/noExplicitAny: a provider of any configuration
    provider: Provider<any, D>,
    private readonly isEngineGone: () => boolean = () => false,
  ) {
    this.#provider = provider;
  }

  readonly handlers: Handlers = {
    GetProviderSchema: () => this.#answer("Reading the schemas", {}, {}, () => this.#schemas()),

    ValidateProviderConfig: (request) => {
      const { attributes } = this.#provider.schema;
      return this.#answer("Validating the provider's configuration", attributes, {}, async (diagnostics) => {
        await this.#validate(this.#provider, request.config, diagnostics);
        return {};
      });
    },

    ConfigureProvider: (request) => {
      const { attributes } = this.#provider.schema;
      return this.#answer("Configuring the provider", attributes, {}, async (diagnostics) => {
        await this.#configure(request, diagnostics);
        return {};
      });
    },

    ValidateResourceConfig: (request) =>
      this.#answerForResource("Validating", request, {}, async (resource, diagnostics) => {
        await resource.validate(request, this.#unconfigured(diagnostics));
        return {};
      }),

    UpgradeResourceState: (request) =>
      this.#answerForResource("Upgrading the state of", request, {}, (resource) => resource.upgrade(request)),

    ReadResource: (request) =>
      this.#answerForResource(
        "Reading",
        request,
        {
          new_state: request.current_state ?? undefined,
          private: request.private,
          new_identity: request.current_identity ?? undefined,
        },
        (resource, diagnostics) => resource.read(request, this.#context(diagnostics)),
      ),

    PlanResourceChange: (request) =>
      this.#answerForResource(
        "Planning",
        request,
        {
          planned_state: request.prior_state ?? undefined,
          planned_private: request.prior_private,
          planned_identity: request.prior_identity ?? undefined,
        },
        (resource, diagnostics) => resource.plan(request, this.#context(diagnostics)),
      ),

    // If an apply throws, the prior state is returned: null on a create. An engine takes an identity that is left out for none.
    ApplyResourceChange: (request) =>
      this.#track(
        this.#answerForResource(
          "Applying",
          request,
          {
            new_state: request.prior_state ?? undefined,
            private: request.planned_private,
            new_identity: request.planned_identity ?? undefined,
          },
          (resource, diagnostics) => resource.apply(request, this.#context(diagnostics)),
        ),
      ),

    ImportResourceState: (request) =>
      this.#answerForResource("Importing", request, {}, (resource, diagnostics) =>
        resource.import(request, this.#context(diagnostics)),
      ),

    // Called before the provider is configured.
    MoveResourceState: (request) =>
      this.#answerForResource(
        "Moving into",
        { type_name: request.target_type_name },
        {},
        (resource, diagnostics) => resource.move(request, { diagnostics }),
      ),

    UpgradeResourceIdentity: (request) =>
      this.#answerForResource("Reading the identity of", request, {}, (resource) =>
        resource.upgradeIdentity(request),
      ),

    GetResourceIdentitySchemas: () =>
      this.#answer("Reading the schemas of identities", {}, {}, () => this.#identitySchemas()),

    ValidateDataResourceConfig: (request) =>
      this.#answerForDataSource("Validating", request, async (dataSource, diagnostics) => {
        await this.#validate(dataSource, request.config, diagnostics);
        return {};
      }),

    ReadDataSource: (request) =>
      this.#answerForDataSource("Reading", request, async (dataSource, diagnostics) => ({
        state: await this.#readData(dataSource, request.config, diagnostics),
      })),

    StopProvider: async () => {
      this.stop();
      return { Error: "" };
    },
  };

  /** Aborts the signal of running operations, so that they finish soon. */
  stop(): void {
    this.#stopping.abort();
  }

  /** The engine is gone: what is under way is finished, and nothing else is begun. */
  abandon(): void {
    this.#isAbandoned = true;
    this.stop();
  }

  /** Resolves when every apply that is running, or begins meanwhile, has ended. */
  async applied(): Promise<void> {
    while (this.#applying.size > 0) await Promise.allSettled(this.#applying);
  }

  /** Finishes the provider's work: the engine saves the state when the process has ended. */
  async finish(): Promise<void> {
    await this.#provider.finish?.();
  }

  async close(): Promise<void> {
    await this.#provider.close?.();
  }

  #schemas(): Answer<"GetProviderSchema"> {
    const messages = (all: Readonly<Record<string, { readonly schema: Schema }>>) =>
      Object.fromEntries(Object.entries(all).map(([name, { schema }]) => [name, schemaMessage(schema)]));
    return {
      provider: schemaMessage(this.#provider.schema),
      resource_schemas: messages(this.#provider.resources),
      data_source_schemas: messages(this.#provider.dataSources),
      server_capabilities: {
        plan_destroy: false,
        get_provider_schema_optional: true,
        move_resource_state: true,
      },
    };
  }

  #identitySchemas(): Answer<"GetResourceIdentitySchemas"> {
    const schemas = Object.entries(this.#provider.resources).flatMap(([name, { identity }]) =>
      identity === undefined ? [] : [[name, identitySchema(identity)] as const],
    );
    return { identity_schemas: Object.fromEntries(schemas) };
  }

  async #configure(request: Request<"ConfigureProvider">, diagnostics: Diagnostics): Promise<void> {
    if (!supportsWriteOnly(request.terraform_version)) {
      diagnostics.error(
        PROTOCOL.engineTooOld,
        `It is version ${request.terraform_version}; this provider needs Terraform >= 1.11 or OpenTofu >= 1.11, whose write-only attributes keep secrets out of the state.`,
      );
      return;
    }
    const config = decodeConfiguration(this.#provider.schema.attributes, request.config, diagnostics);
    if (diagnostics.hasErrors) return;
    // A process that serves several runs (TF_REATTACH_PROVIDERS) is configured for each, also after a stop.
    if (this.#configured !== null && this.#stopping.signal.aborted) this.#stopping = stopSwitch();
    const isEngineGone = () => this.#isAbandoned || this.isEngineGone();
    const context = { ...this.#unconfigured(diagnostics), isEngineGone };
    const provider = await this.#provider.configure({ ...context, config });
    if (!diagnostics.hasErrors) this.#configured = { provider };
  }

  async #validate(
    part: Pick<DataSource<Attributes, D>, "schema" | "validate">,
    wire: DynamicValue | null | undefined,
    diagnostics: Diagnostics,
  ): Promise<void> {
    const config = decodeConfiguration(part.schema.attributes, wire, diagnostics);
    if (!diagnostics.hasErrors) await part.validate?.({ ...this.#unconfigured(diagnostics), config });
  }

  async #readData(
    dataSource: DataSource<Attributes, D>,
    wire: DynamicValue | null | undefined,
    diagnostics: Diagnostics,
  ): Promise<DynamicValue | undefined> {
    const { attributes } = dataSource.schema;
    const config = decodeConfiguration(attributes, wire, diagnostics);
    if (diagnostics.hasErrors) return undefined;
    if (unknownsIn(config).length > 0)
      throw new Error("The engine asked before the configuration was known.");
    const found = await dataSource.read({ ...this.#context(diagnostics), config: config as never });
    if (diagnostics.hasErrors) return undefined;
    if (found === null) throw new Error("Nothing was found.");
    const state = conformObject(attributes, found, FROM_PROVIDER);
    const [unknown] = unknownsIn(state);
    if (unknown !== undefined) throw new ValueError("is still unknown", unknown);
    return encodeObject(state);
  }

  #unconfigured(diagnostics: Diagnostics): Omit<Context<D>, "provider"> {
    return { diagnostics, signal: this.#stopping.signal };
  }

  #context(diagnostics: Diagnostics): Context<D> {
    if (this.#configured === null) throw new Error("The provider has not been configured.");
    return { ...this.#unconfigured(diagnostics), provider: this.#configured.provider };
  }

  #answerForResource<A extends object>(
    doing: string,
    { type_name: typeName }: { readonly type_name: string },
    otherwise: A,
    work: (resource: ResourceServer<D>, diagnostics: Diagnostics) => A | Promise<A>,
  ): Promise<A & Diagnosed> {
    let resource = this.#resources.get(typeName);
    if (resource === undefined && Object.hasOwn(this.#provider.resources, typeName)) {
      resource = new ResourceServer(typeName, this.#provider.resources[typeName] as never);
      this.#resources.set(typeName, resource);
    }
    const found = resource;
    return this.#answer(`${doing} ${typeName}`, found?.attributes ?? {}, otherwise, (diagnostics) => {
      if (found === undefined)
        throw new Error(`This provider has no resource type ${JSON.stringify(typeName)}.`);
      return work(found, diagnostics);
    });
  }

  #answerForDataSource<A extends object>(
    doing: string,
    { type_name: typeName }: { readonly type_name: string },
    work: (dataSource: DataSource<Attributes, D>, diagnostics: Diagnostics) => Promise<A>,
  ): Promise<Partial<A> & Diagnosed> {
    const { dataSources } = this.#provider;
    const found = Object.hasOwn(dataSources, typeName) ? dataSources[typeName] : undefined;
    return this.#answer<Partial<A>>(
      `${doing} ${typeName}`,
      found?.schema.attributes ?? {},
      {},
      (diagnostics) => {
        if (found === undefined)
          throw new Error(`This provider has no data source ${JSON.stringify(typeName)}.`);
        return work(found, diagnostics);
      },
    );
  }

  /** Runs `work` and adds its diagnostics. If it throws, reports the error and answers `otherwise`. */
  async #answer<A extends object>(
    doing: string,
    attributes: Attributes,
    otherwise: A,
    work: (diagnostics: Diagnostics) => A | Promise<A>,
  ): Promise<A & Diagnosed> {
    const diagnostics = new Diagnostics();
    let answer = otherwise;
    try {
      answer = await work(diagnostics);
    } catch (error) {
      reportFailure(error, doing, diagnostics);
    }
    return { ...answer, diagnostics: diagnostics.all.map((one) => diagnosticMessage(attributes, one)) };
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#applying.add(work);
    void work.finally(() => this.#applying.delete(work));
    return work;
  }
}

function decodeConfiguration(
  attributes: Attributes,
  wire: DynamicValue | null | undefined,
  diagnostics: Diagnostics,
): ObjectValue {
  const config = decodeObject(attributes, wire);
  if (config === null) throw new WireError("The engine sent no configuration.");
  checkConfiguration(attributes, config, diagnostics);
  return config;
}

/** Creates the controller that stops running operations. It has no limit of listeners, because each operation adds one. */
function stopSwitch(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

interface Diagnosed {
  readonly diagnostics: readonly DiagnosticMessage[];
}

function diagnosticMessage(
  attributes: Attributes,
  { severity, summary, detail, path }: Diagnostic,
): DiagnosticMessage {
  const attribute = attributePathMessage(attributes, showable(attributes, path ?? []));
  return {
    severity: severity === "error" ? Severity.ERROR : Severity.WARNING,
    summary,
    detail,
    ...(attribute.steps.length > 0 && { attribute }),
  };
}

/**
 * The path to report. An engine prints the lines of the configuration at the path; those of a sensitive
 * attribute may contain a key.
 */
function showable(attributes: Attributes, path: AttributePath): AttributePath {
  const attribute = attributes[path[0] ?? ""];
  return attribute?.sensitive || attribute?.writeOnly ? [] : path;
}
