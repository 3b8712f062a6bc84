import type { Context, DataSource, PlannedOf, Resource, ValidateRequest } from "./resource";
import type { Attributes, Schema } from "./schema/schema";

export interface ConfigureRequest<A extends Attributes, D> extends Omit<Context<D>, "provider"> {
  readonly config: PlannedOf<A>;
  /** Whether the engine is gone. Another run may be under way then, and what has not begun has to be left to it. */
  readonly isEngineGone: () => boolean;
}

/** A provider: its schema, and its resources and data sources by type name. */
export interface Provider<A extends Attributes, D> {
  readonly schema: Schema<A>;
  // biome-ignore lint/suspicious/noExplicitAny: each resource has its own attributes
  readonly resources: Readonly<Record<string, Resource<any, D>>>;
  // biome-ignore lint/suspicious/noExplicitAny: each data source has its own attributes
  readonly dataSources: Readonly<Record<string, DataSource<any, D>>>;
  validate?(request: ValidateRequest<A, D>): void;
  /**
   * Returns what operations of resources receive as `provider`. Parts of `config` may be unknown during a
   * plan: do not connect here, and do not fail because of unknown values.
   */
  configure(request: ConfigureRequest<A, D>): D | Promise<D>;
  /** Called once when the engine has finished, before it saves the state. Not called if the engine was killed. */
  finish?(): Promise<void>;
  /** Closes connections. Called once, before the process ends. */
  close?(): Promise<void>;
}
