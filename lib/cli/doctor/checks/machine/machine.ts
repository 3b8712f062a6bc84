import type { Engine } from "../../../engine/engine";

/** The machine that deploys: this one. */
export interface Machine {
  readonly environment: NodeJS.ProcessEnv;
  readonly engine: Engine;
  /** The directory of `cdktf.json`. */
  readonly directory: string;
  /** How many stacks are deployed from here. */
  readonly stacks: number;
}
