import type { Context, DataSource, PlannedOf, Resource, ValidateRequest } from "./resource";
import type { Attributes, Schema } from "./schema/schema";

/** A whole provider: its own schema, and the resources and data sources by their type names. */
export interface Provider<A extends Attributes, D> {
  readonly schema: Schema<A>;
  // biome-ignore lint/suspicious/noExplicitAny: each resource has its own attributes
  readonly resources: Readonly<Record<string, Resource<any, D>>>;
  // biome-ignore lint/suspicious/noExplicitAny: each data source has its own attributes
  readonly dataSources: Readonly<Record<string, DataSource<any, D>>>;
  validate?(request: ValidateRequest<A, D>): void;
  /**
   * What the operations of resources are given as `provider`. Parts of `config` may be unknown during a plan: do not
   * connect here, and do not fail for what is not known yet.
   */
  configure(request: Omit<Context<D>, "provider"> & { readonly config: PlannedOf<A> }): D | Promise<D>;
  /** Called once where the engine has done all that it wanted, before it saves the state; not where it was killed. */
  finish?(): Promise<void>;
  /** Lets go of connections. Called once, before the process ends. */
  close?(): Promise<void>;
}
