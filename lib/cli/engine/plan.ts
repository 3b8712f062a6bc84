import { existsSync } from "node:fs";
import { type DiagnosedRun, runForDiagnostics } from "./diagnosed-run";
import type { Engine } from "./engine";

/** From an interruption to the end of an engine that plans: it may be waiting for hosts. */
const GRACE_MS = 30_000;
const DEADLINE_MS = 2 * 3_600_000;
/** Only this user may read a saved plan: it holds the state, with all keys. */
const UMASK = 0o077;

export interface EnginePlanOptions {
  /** Of the stack. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the engine saves the plan: an absolute path in a directory that no other user can enter. */
  readonly file: string;
  /** Whether to lock the state, and for how many seconds to try that. `false` for a plan that nobody will apply. */
  readonly lock: false | { readonly timeoutSeconds: number };
  /** Whether to read what is really there first. @default true */
  readonly refresh?: boolean;
  /** Its abort interrupts the engine, which then ends in order. */
  readonly signal: AbortSignal;
  /** @default 7200000 */
  readonly deadlineMs?: number;
}

export interface EnginePlan extends DiagnosedRun {
  /** Whether the file was written. Engines also save what they have planned before an error. */
  readonly isSaved: boolean;
}

/**
 * Plans a stack, and saves the plan.
 *
 * @throws CliError those of {@link runForDiagnostics}
 */
export async function planStack(engine: Engine, options: EnginePlanOptions): Promise<EnginePlan> {
  const { directory, environment, file, signal, deadlineMs = DEADLINE_MS } = options;
  const args = planArguments(options);
  const limits = { deadlineMs, signal, graceMs: GRACE_MS, umask: UMASK };
  const run = await runForDiagnostics(engine, { directory, args, environment, ...limits });
  return { ...run, isSaved: existsSync(file) };
}

function planArguments({ file, lock, refresh = true }: EnginePlanOptions): readonly string[] {
  return [
    "plan",
    "-input=false",
    "-no-color",
    "-json",
    lock === false ? "-lock=false" : `-lock-timeout=${lock.timeoutSeconds}s`,
    ...(refresh ? [] : ["-refresh=false"]),
    `-out=${file}`,
  ];
}
