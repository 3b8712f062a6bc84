import { setTimeout as delay } from "node:timers/promises";
import { applyPlan } from "../engine/apply";
import type { EngineDiagnostic, EngineDiagnostics } from "../engine/diagnostics";
import type { Engine } from "../engine/engine";
import { planStack } from "../engine/plan";
import type { SynthesizedStack } from "../inputs/project";
import type { PublicFacts } from "../inputs/public-facts";
import { shownPlan } from "../planned/shown-plan";
import { EXIT } from "../process/exit-code";
import { withPrivateDirectory } from "../process/private-directory";
import { dueIn, renewedBetween } from "./outcome/renewals";
import type { FactsReading, Outcome, StackRun } from "./outcome/stack-run";
import { skipped, type Verification } from "./outcome/verification";
import { refusalsIn } from "./policy/policy";
import type { ProblemOf } from "./problem";

export interface RenewalOptions {
  readonly engine: Engine;
  readonly environment: NodeJS.ProcessEnv;
  readonly lockTimeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly problemOf: ProblemOf;
  /** Is called before anything else. @throws if the stack must not be run */
  readonly check: () => void;
  /** Never rejects. */
  readonly facts: () => Promise<FactsReading>;
  /** Never rejects. @param facts null if they are older than what the hosts should serve */
  readonly verify: (facts: PublicFacts | null) => Promise<Verification>;
}

/** The pauses before servers are asked again after an apply, if something was wrong. */
const SETTLING_MS: readonly number[] = [5000, 10_000];

const NOTHING_SAID = { diagnostics: [], omittedDiagnostics: 0 };
const NOT_APPLIED = skipped("nothing was applied");
const CUT_SHORT = skipped("the run ended before that");

/**
 * Plans one stack, applies that plan if it may be applied unattended, and verifies what is served then. The plan is never left
 * behind. Whatever error ends this is the outcome: it never rejects.
 */
export async function renewStack(stack: SynthesizedStack, options: RenewalOptions): Promise<StackRun> {
  const renewal = new StackRenewal(stack, options);
  try {
    return await withPrivateDirectory((directory) => renewal.run(directory.file("renew.tfplan")));
  } catch (error) {
    return renewal.endedBy(options.problemOf(error));
  }
}

/** The run of a stack whose turn had not come when a signal stopped the command. */
export function stoppedRun(stack: string): StackRun {
  return untouched(stack, { kind: "stopped", hasBegun: false });
}

function untouched(stack: string, outcome: Outcome): StackRun {
  const known = { due: [], renewed: [], ...NOTHING_SAID, facts: null, factsProblem: null };
  return { stack, outcome, ...known, verification: NOT_APPLIED };
}

/** One run for one stack. */
class StackRenewal {
  /** Where the plan is saved. */
  #file = "";
  /** What is due, once the apply may have begun; null before. */
  #applying: readonly string[] | null = null;

  constructor(
    private readonly stack: SynthesizedStack,
    private readonly options: RenewalOptions,
  ) {}

  async run(file: string): Promise<StackRun> {
    this.#file = file;
    const { engine, lockTimeoutSeconds, signal, check } = this.options;
    check();
    const lock = { timeoutSeconds: lockTimeoutSeconds };
    const [before, planned] = await Promise.all([
      this.options.facts(),
      planStack(engine, { ...this.#place, lock, signal }),
    ]);
    const said = saidBy(planned);
    const ended = (outcome: Outcome, due: readonly string[] = []): StackRun => ({
      ...{ stack: this.stack.name, outcome, due, renewed: [], ...said },
      ...{ ...before, verification: NOT_APPLIED },
    });
    if (signal.aborted) return ended({ kind: "stopped", hasBegun: false });
    if (!planned.isComplete)
      return ended({
        kind: "unplanned",
        problem: `the engine could not make a complete plan in ${this.stack.directory}.`,
      });
    if (planned.isEmpty)
      return { ...ended({ kind: "unchanged" }), verification: await this.options.verify(before.facts) };
    const plan = await shownPlan(engine, { ...this.#place, stack: this.stack.name, signal });
    const refusals = refusalsIn(plan);
    const due = dueIn(plan, refusals, before.facts);
    if (refusals.length > 0) return ended({ kind: "refused", refusals }, due);
    return this.#applied(before.facts, due, said);
  }

  /** The run if an error has ended it. Something may have been applied by then, even all of it. */
  endedBy(problem: string): StackRun {
    const { name } = this.stack;
    if (this.#applying === null) return untouched(name, { kind: "unplanned", problem });
    const run = untouched(name, { kind: "failed", problem });
    return { ...run, due: this.#applying, renewed: null, verification: CUT_SHORT };
  }

  async #applied(before: PublicFacts | null, due: readonly string[], planned: Said): Promise<StackRun> {
    this.#applying = due;
    const { outcome, ...applied } = await this.#apply();
    const { facts, factsProblem } = await this.options.facts();
    const isWhole = outcome.kind === "applied";
    return {
      ...{ stack: this.stack.name, outcome, due, facts, factsProblem },
      renewed: isWhole ? renewedBetween(before, facts) : outcome.kind === "stale" ? [] : null,
      ...both(planned, applied),
      verification: await this.#verified(outcome, facts),
    };
  }

  async #apply(): Promise<{ readonly outcome: Outcome } & Said> {
    const { engine, lockTimeoutSeconds, signal } = this.options;
    if (signal.aborted) return { outcome: { kind: "stopped", hasBegun: false }, ...NOTHING_SAID };
    try {
      const run = await applyPlan(engine, { ...this.#place, lockTimeoutSeconds, signal });
      return { outcome: outcomeOf(run), ...saidBy(run) };
    } catch (error) {
      return { outcome: { kind: "failed", problem: this.options.problemOf(error) }, ...NOTHING_SAID };
    }
  }

  async #verified(outcome: Outcome, facts: PublicFacts | null): Promise<Verification> {
    if (outcome.kind === "applied") return this.#verifySettled(facts);
    // An apply that fails in part leaves all outputs as they were.
    return outcome.kind === "failed" ? this.options.verify(null) : NOT_APPLIED;
  }

  /** Servers turn away some of the clients that connect while a reload replaces their processes. */
  async #verifySettled(facts: PublicFacts | null): Promise<Verification> {
    const { verify, signal } = this.options;
    for (const pauseMs of SETTLING_MS) {
      const verification = await verify(facts);
      const isFinal = verification.kind === "skipped" || verification.exitCode === EXIT.OK;
      if (isFinal || signal.aborted) return verification;
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
    return verify(facts);
  }

  get #place() {
    return { directory: this.stack.directory, environment: this.options.environment, file: this.#file };
  }
}

/** What an engine said. */
type Said = Pick<StackRun, "diagnostics" | "omittedDiagnostics">;

function saidBy({ diagnostics, omitted }: EngineDiagnostics): Said {
  return { diagnostics, omittedDiagnostics: omitted };
}

/** What a plan and its apply said. An apply repeats the warnings of its plan that still hold for what it changes. */
function both(planned: Said, applied: Said): Said {
  return {
    diagnostics: distinct([...planned.diagnostics, ...applied.diagnostics]),
    omittedDiagnostics: planned.omittedDiagnostics + applied.omittedDiagnostics,
  };
}

/** The summary of Terraform and OpenTofu. */
const STALE = "Saved plan is stale";

function outcomeOf({
  isComplete,
  isInterrupted,
  diagnostics,
}: {
  readonly isComplete: boolean;
  readonly isInterrupted: boolean;
  readonly diagnostics: readonly EngineDiagnostic[];
}): Outcome {
  if (isComplete) return { kind: "applied" };
  if (diagnostics.some(({ summary }) => summary === STALE)) return { kind: "stale" };
  return isInterrupted ? { kind: "stopped", hasBegun: true } : { kind: "failed", problem: null };
}

function distinct(diagnostics: readonly EngineDiagnostic[]): EngineDiagnostic[] {
  return [...new Map(diagnostics.map((one) => [JSON.stringify(one), one])).values()];
}
