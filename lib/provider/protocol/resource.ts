import type { Diagnostics } from "./diagnostics";
import type { AttributePath } from "./schema/attribute-path";
import type { Attributes, Schema, ValuesOf } from "./schema/schema";
import type { Plannable } from "./values/unknown";

/** What every operation is given. `D` is what the provider's `configure` returned. */
export interface Context<D> {
  readonly provider: D;
  /** Errors added here fail the operation; anything thrown becomes an error too. */
  readonly diagnostics: Diagnostics;
  /** Aborted when the engine asks the provider to finish soon (Ctrl-C). */
  readonly signal: AbortSignal;
}

/** The values of a configuration or a plan, in which anything may be unknown. */
export type PlannedOf<A extends Attributes> = { [K in keyof ValuesOf<A>]: Plannable<ValuesOf<A>[K]> };

/** Bytes that Terraform keeps beside a resource's state without showing them, as JSON. Null where there are none. */
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
   * The plan so far, to be changed in place: the configuration; where that is null and the attribute computed, the
   * prior value, or unknown on a create. Write-only attributes are null.
   */
  readonly planned: PlannedOf<A>;
  /** Has the resource replaced, because of a change at `path`. Ignored where nothing changed there. */
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
  /** @default what was there before is kept */
  readonly private?: PrivateState;
}

/**
 * A managed resource: a schema and what can be done to one object of it. Knows nothing of gRPC, msgpack or of
 * Terraform's consistency rules, which the server holds for it: write-only attributes become null in whatever is
 * returned, a result that contradicts its plan is reported as the provider's fault, and no exception leaves the
 * process.
 */
export interface Resource<A extends Attributes, D> {
  readonly schema: Schema<A>;
  /** Checks the configuration alone; unknown values are passed over. Runs before the provider is configured. */
  validate?(request: ValidateRequest<A, D>): void;
  /** Must give the same answer for the same input: no clock, no random, no look at the world. */
  plan?(request: PlanRequest<A, D>): void | Promise<void>;
  /**
   * With an error and null, nothing is kept and nothing may be left behind. With an error and an outcome, the object
   * is kept, tainted: it will be deleted and created again.
   */
  create(request: CreateRequest<A, D>): Promise<Outcome<A> | null>;
  /** Null: the object is gone. What cannot be reached is an error, never null. */
  read(request: ReadRequest<A, D>): Promise<Outcome<A> | null>;
  /** With an error, the outcome is what is really there now; null keeps the prior state. */
  update(request: UpdateRequest<A, D>): Promise<Outcome<A> | null>;
  /** With an error the object is kept. Already gone is a success. */
  delete(request: DeleteRequest<A, D>): Promise<void>;
  /** The object with this id, as far as it is known before `read`. */
  import?(request: Context<D> & { readonly id: string }): Promise<Outcome<A> | null>;
  /** Brings a stored state (JSON) of an older schema version to the current one. */
  upgrade?(state: Record<string, unknown>, version: number): Record<string, unknown>;
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
