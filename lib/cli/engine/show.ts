import type { Engine } from "./engine";
import { errorIn, failed } from "./failure";
import { runEngine } from "./run";

const DEADLINE_MS = 600_000;

export interface EngineShowOptions {
  /** Of the stack. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** A saved plan: an absolute path. */
  readonly file: string;
  /** Receives the plan as JSON, piece by piece. It has all values in clear, keys included. */
  readonly sink: (chunk: Buffer) => void;
  /** Its abort ends the engine. */
  readonly signal?: AbortSignal;
  /** @default 600000 */
  readonly deadlineMs?: number;
}

/**
 * Has the engine write a saved plan as JSON. It starts the providers, for their schemas alone.
 *
 * @throws CliError those of {@link runEngine}, and `CLI_ENGINE_FAILED`; and what the sink throws
 */
export async function showPlan(engine: Engine, options: EngineShowOptions): Promise<void> {
  const { file, deadlineMs = DEADLINE_MS, ...rest } = options;
  const args = ["show", "-no-color", "-json", file];
  const { exitCode, isInterrupted, complaint } = await runEngine(engine, { ...rest, args, deadlineMs });
  if (exitCode === 0) return;
  const problem = isInterrupted ? "it was interrupted" : errorIn(complaint);
  throw failed(engine, { directory: options.directory, args }, problem);
}
