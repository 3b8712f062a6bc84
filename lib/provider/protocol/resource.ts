import type { Diagnostics } from "./diagnostics";
import type { AttributePath } from "./schema/attribute-path";
import type { Attributes, Schema, ValuesOf } from "./schema/schema";
import type { Plannable } from "./values/unknown";

/** What every operation receives. `D` is the type that the provider's `configure` returns. */
export interface Context<D> {
  readonly provider: D;
  /** Errors added here fail the operation; anything thrown becomes an error too. */
  readonly diagnostics: Diagnostics;
  /** Aborted when the engine asks the provider to finish soon (Ctrl-C). */
  readonly signal: AbortSignal;
}

/** The values of a configuration or a plan, in which anything may be unknown. */
export type PlannedOf<A extends Attributes> = { [K in keyof ValuesOf<A>]: Plannable<ValuesOf<A>[K]> };

/** JSON that the engine stores with a resource's state and does not show. Null if there is none. */
export type PrivateState = Readonly<Record<string, unknown>> | null;

export interface ValidateRequest<A extends Attributes, D> extends Omit<Context<D>, "provider"> {
  readonly config: PlannedOf<A>;
}

export interface PlanRequest<A extends Attributes, D> extends Context<D> {
  readonly config: PlannedOf<A>;
  /** Null when the resource is to be created. */
  readonly prior: ValuesOf<A> | null;
  readonly private: PrivateState;
  /**
   * The plan, to be changed in place. It begins as the configuration. A computed attribute that is not
   * configured has its prior value, or is unknown on a create. Write-only attributes are null.
   */
  readonly planned: PlannedOf<A>;
  /** Requires replacement because of a change at `path`. Ignored if nothing changed there. */
  requireReplacement(path: AttributePath): void;
}

export interface CreateRequest<A extends Attributes, D> extends Context<D> {
  readonly config: ValuesOf<A>;
  readonly planned: PlannedOf<A>;
}

export interface ReadRequest<A extends Attributes, D> extends Context<D> {
  readonly prior: ValuesOf<A>;
  readonly private: PrivateState;
}

export interface UpdateRequest<A extends Attributes, D> extends CreateRequest<A, D> {
  readonly prior: ValuesOf<A>;
  readonly private: PrivateState;
}

export type DeleteRequest<A extends Attributes, D> = ReadRequest<A, D>;

export interface Outcome<A extends Attributes> {
  readonly state: ValuesOf<A>;
  /** @default the previous data is kept */
  readonly private?: PrivateState;
}

/**
 * A managed resource: a schema and its operations. It is independent of gRPC, msgpack and Terraform's
 * consistency rules. The server enforces those: it sets write-only attributes to null in every result,
 * reports a result that contradicts its plan as the provider's fault, and turns exceptions into diagnostics.
 */
export interface Resource<A extends Attributes, D> {
  readonly schema: Schema<A>;
  /** Checks the configuration alone and ignores unknown values. Runs before the provider is configured. */
  validate?(request: ValidateRequest<A, D>): void;
  /** Must return the same plan for the same input: no clock, no random numbers, no access to hosts or CAs. */
  plan?(request: PlanRequest<A, D>): void | Promise<void>;
  /**
   * Creates the object. If it adds an error and returns null, the engine stores nothing, and nothing may be left behind. If it
   * adds an error and returns an outcome, the engine stores the object as tainted: the next apply deletes and creates it.
   */
  create(request: CreateRequest<A, D>): Promise<Outcome<A> | null>;
  /** Reads the object. Null means that it is gone. If it cannot be reached, that is an error, never null. */
  read(request: ReadRequest<A, D>): Promise<Outcome<A> | null>;
  /** Updates the object. If it adds an error, the outcome is the actual state; null keeps the prior state. */
  update(request: UpdateRequest<A, D>): Promise<Outcome<A> | null>;
  /** Deletes the object. If it adds an error, the engine keeps the object. An object that is already gone is a success. */
  delete(request: DeleteRequest<A, D>): Promise<void>;
  /** How the object is found that is to be imported. Required for `import`. */
  readonly identity?: Identity<A>;
  /** The object with this identity, with the values that are known before `read`. */
  import?(request: Context<D> & { readonly identity: IdentityValues }): Promise<Outcome<A> | null>;
  /**
   * The state of an object that another provider has managed. Null if it is not one that can be taken over. Everything in it is
   * input from outside. It has no access to the provider's configuration.
   */
  move?(request: MoveRequest): Outcome<A> | null | Promise<Outcome<A> | null>;
  /** Brings a stored state (JSON) of an older schema version to the current one. */
  upgrade?(state: Record<string, unknown>, version: number): Record<string, unknown>;
}

/** By attribute; null if it is not given. */
export type IdentityValues = Readonly<Record<string, string | null>>;

/** What identifies an object for good: what an import names, and what an engine keeps beside its state (protocol 6.9). */
export interface Identity<A extends Attributes> {
  /** Texts alone. Each is required for an import, or optional. */
  readonly attributes: Readonly<Record<string, { readonly description: string; readonly required: boolean }>>;
  /** Reads the id of an import, as `terraform import` has it. @throws Error whose message says how an id is written */
  parse(id: string): IdentityValues;
  /** That of an object that was not imported. It never changes as long as the object exists. */
  of(state: ValuesOf<A>): IdentityValues;
}

export interface MoveRequest extends Pick<Context<unknown>, "diagnostics"> {
  /** Such as `registry.terraform.io/vancluever/acme`. */
  readonly providerAddress: string;
  readonly typeName: string;
  readonly schemaVersion: number;
  readonly state: Readonly<Record<string, unknown>>;
}

export interface DataSource<A extends Attributes, D> {
  readonly schema: Schema<A>;
  validate?(request: ValidateRequest<A, D>): void;
  read(request: Context<D> & { readonly config: ValuesOf<A> }): Promise<ValuesOf<A> | null>;
}

/** Lets TypeScript infer the attributes of a resource from its schema. */
export function defineResource<A extends Attributes, D>(resource: Resource<A, D>): Resource<A, D> {
  return resource;
}
