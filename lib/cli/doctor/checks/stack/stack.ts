import type { Engine } from "../../../engine/engine";
import type { SynthesizedStack } from "../../../inputs/project";
import type { DeclaredStack } from "../../declared/declared-stack";

/** A stack that is deployed from this machine. */
export interface StackHere extends SynthesizedStack {
  readonly declared: DeclaredStack;
  /** The stacks before it in the project. */
  readonly earlier: readonly { readonly name: string; readonly declared: DeclaredStack }[];
  /** The directory of all stacks, which synth writes. */
  readonly outputDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly engine: Engine;
}
