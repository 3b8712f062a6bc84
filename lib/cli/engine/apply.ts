import { type DiagnosedRun, runForDiagnostics } from "./diagnosed-run";
import type { Engine } from "./engine";

/** From an interruption to the end of an engine that applies: the changes in flight end first, and then it writes its state. */
const GRACE_MS = 10 * 60_000;
const DEADLINE_MS = 6 * 3_600_000;

export interface EngineApplyOptions {
  /** Of the stack. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** A saved plan: an absolute path. */
  readonly file: string;
  /** For how many seconds to try to lock the state. */
  readonly lockTimeoutSeconds: number;
  /** Its abort interrupts the engine, which begins no further change, and writes its state. */
  readonly signal: AbortSignal;
  /** @default 21600000 */
  readonly deadlineMs?: number;
}

/**
 * Applies a saved plan. If the run is not complete, some changes may have been made.
 *
 * @throws CliError those of {@link runForDiagnostics}
 */
export async function applyPlan(engine: Engine, options: EngineApplyOptions): Promise<DiagnosedRun> {
  const { directory, environment, file, lockTimeoutSeconds, signal, deadlineMs = DEADLINE_MS } = options;
  const lock = `-lock-timeout=${lockTimeoutSeconds}s`;
  const args = ["apply", "-input=false", "-no-color", "-json", lock, file];
  const limits = { deadlineMs, signal, graceMs: GRACE_MS };
  return runForDiagnostics(engine, { directory, args, environment, ...limits });
}
