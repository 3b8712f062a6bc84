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
  /** Whether to lock the state, and for how many seconds to wait for the lock. `false` for a plan that will not be applied. */
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
  /** Whether an apply of the plan would change nothing. */
  readonly isEmpty: boolean;
}

/** The exit statuses of `-detailed-exitcode` that are no failure. */
const EMPTY = 0;
const HAS_CHANGES = 2;

/**
 * Plans a stack, and saves the plan.
 *
 * @throws CliError those of {@link runForDiagnostics}
 */
export async function planStack(engine: Engine, options: EnginePlanOptions): Promise<EnginePlan> {
  const { directory, environment, file, signal, deadlineMs = DEADLINE_MS } = options;
  const args = planArguments(options);
  const limits = { deadlineMs, signal, graceMs: GRACE_MS, umask: UMASK };
  const run = await runForDiagnostics(engine, { directory, args, environment, ...limits }, [
    EMPTY,
    HAS_CHANGES,
  ]);
  return { ...run, isSaved: existsSync(file), isEmpty: run.exitCode === EMPTY };
}

function planArguments({ file, lock, refresh = true }: EnginePlanOptions): readonly string[] {
  return [
    "plan",
    "-input=false",
    "-no-color",
    "-json",
    "-detailed-exitcode",
    lock === false ? "-lock=false" : `-lock-timeout=${lock.timeoutSeconds}s`,
    ...(refresh ? [] : ["-refresh=false"]),
    `-out=${file}`,
  ];
}
