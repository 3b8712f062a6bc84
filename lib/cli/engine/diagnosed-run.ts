import { DiagnosticsReader, type EngineDiagnostics } from "./diagnostics";
import type { Engine } from "./engine";
import { errorIn, failed } from "./failure";
import { type EngineRunOptions, runEngine } from "./run";

/** A run of a subcommand with `-json`. */
export interface DiagnosedRun extends EngineDiagnostics {
  /** False if the diagnostics have an error, or if the engine stopped because it was interrupted. */
  readonly isComplete: boolean;
  /** Null if a signal ended the engine. */
  readonly exitCode: number | null;
  /** Whether the run's signal interrupted the engine, even if it had succeeded already. */
  readonly isInterrupted: boolean;
}

/**
 * Runs the engine, and takes nothing but diagnostics from its standard output.
 *
 * @param options `args` have `-json`
 * @param successes the exit statuses of a complete run
 * @throws CliError those of {@link runEngine}, and `CLI_ENGINE_FAILED` if the engine fails without a diagnostic
 */
export async function runForDiagnostics(
  engine: Engine,
  options: Omit<EngineRunOptions, "sink">,
  successes: readonly number[] = [0],
): Promise<DiagnosedRun> {
  const reader = new DiagnosticsReader();
  const { exitCode, isInterrupted, complaint } = await runEngine(engine, { ...options, sink: reader.write });
  const said = reader.end();
  const isComplete = exitCode !== null && successes.includes(exitCode);
  const isSilent = said.diagnostics.length === 0 && !isInterrupted;
  if (!isComplete && isSilent) throw failed(engine, options, errorIn(complaint));
  return { ...said, isComplete, exitCode, isInterrupted };
}
