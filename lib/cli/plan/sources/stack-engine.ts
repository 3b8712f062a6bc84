import type { Engine } from "../../engine/engine";

/** An engine, and the stack's directory in which it runs. */
export interface StackEngine {
  readonly engine: Engine;
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}
