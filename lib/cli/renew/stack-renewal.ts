import { setTimeout as delay } from "node:timers/promises";
import { applyPlan } from "../engine/apply";
import type { EngineDiagnostic } from "../engine/diagnostics";
import type { Engine } from "../engine/engine";
import { planStack } from "../engine/plan";
import { CliError } from "../errors/cli-error";
import type { SynthesizedStack } from "../inputs/project";
import type { PublicFacts } from "../inputs/public-facts";
import { shownPlan } from "../planned/shown-plan";
import { EXIT } from "../process/exit-code";
import { withPrivateDirectory } from "../process/private-directory";
import { dueIn, renewedBetween } from "./outcome/renewals";
import type { FactsReading, Outcome, StackRun } from "./outcome/stack-run";
import { skipped, type Verification } from "./outcome/verification";
import { refusalsIn } from "./policy/policy";

export interface RenewalOptions {
  readonly engine: Engine;
  readonly environment: NodeJS.ProcessEnv;
  readonly lockTimeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly facts: () => Promise<FactsReading>;
  /** @param facts null if they are older than what the hosts should serve */
  readonly verify: (facts: PublicFacts | null) => Promise<Verification>;
}

/** The pauses before servers are asked again after an apply, if something was wrong. */
const SETTLING_MS: readonly number[] = [5000, 10_000];

const NOT_APPLIED = skipped("nothing was applied");

/**
 * Plans one stack, applies that plan if it may be applied unattended, and verifies what is served then. The plan is never left
 * behind.
 */
export async function renewStack(stack: SynthesizedStack, options: RenewalOptions): Promise<StackRun> {
  try {
    return await withPrivateDirectory((directory) =>
      new StackRenewal(stack, directory.file("renew.tfplan"), options).run(),
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return untouched(stack.name, { kind: "unplanned", problem: error.message });
  }
}

/** The run of a stack whose turn had not come when a signal stopped the command. */
export function stoppedRun(stack: string): StackRun {
  return untouched(stack, { kind: "stopped", hasBegun: false });
}

function untouched(stack: string, outcome: Outcome): StackRun {
  const known = { due: [], renewed: [], diagnostics: [], facts: null, factsProblem: null };
  return { stack, outcome, ...known, verification: NOT_APPLIED };
}

/** One run for one stack. */
class StackRenewal {
  constructor(
    private readonly stack: SynthesizedStack,
    private readonly file: string,
    private readonly options: RenewalOptions,
  ) {}

  async run(): Promise<StackRun> {
    const { engine, lockTimeoutSeconds, signal } = this.options;
    const lock = { timeoutSeconds: lockTimeoutSeconds };
    const [before, planned] = await Promise.all([
      this.options.facts(),
      planStack(engine, { ...this.#place, lock, signal }),
    ]);
    const { diagnostics, isEmpty } = planned;
    const ended = (outcome: Outcome, due: readonly string[] = []): StackRun => ({
      ...{ stack: this.stack.name, outcome, due, renewed: [], diagnostics },
      ...{ ...before, verification: NOT_APPLIED },
    });
    if (signal.aborted) return ended({ kind: "stopped", hasBegun: false });
    if (!planned.isComplete)
      return ended({ kind: "unplanned", problem: "the engine could not make a complete plan." });
    if (isEmpty)
      return { ...ended({ kind: "unchanged" }), verification: await this.options.verify(before.facts) };
    const plan = await shownPlan(engine, { ...this.#place, stack: this.stack.name, signal });
    const refusals = refusalsIn(plan);
    const due = dueIn(plan, refusals, before.facts);
    if (refusals.length > 0) return ended({ kind: "refused", refusals }, due);
    return this.#applied(before.facts, due, diagnostics);
  }

  async #applied(
    before: PublicFacts | null,
    due: readonly string[],
    planned: readonly EngineDiagnostic[],
  ): Promise<StackRun> {
    const { outcome, diagnostics } = await this.#apply();
    const { facts, factsProblem } = await this.options.facts();
    const isWhole = outcome.kind === "applied";
    return {
      ...{ stack: this.stack.name, outcome, due, facts, factsProblem },
      renewed: isWhole ? renewedBetween(before, facts) : outcome.kind === "stale" ? [] : null,
      // An apply repeats the warnings of its plan that still hold for what it changes.
      diagnostics: distinct([...planned, ...diagnostics]),
      verification: await this.#verified(outcome, facts),
    };
  }

  async #apply(): Promise<{ outcome: Outcome; diagnostics: readonly EngineDiagnostic[] }> {
    const { engine, lockTimeoutSeconds, signal } = this.options;
    if (signal.aborted) return { outcome: { kind: "stopped", hasBegun: false }, diagnostics: [] };
    try {
      const run = await applyPlan(engine, { ...this.#place, lockTimeoutSeconds, signal });
      return { outcome: outcomeOf(run), diagnostics: run.diagnostics };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { outcome: { kind: "failed", problem: error.message }, diagnostics: [] };
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
    return { directory: this.stack.directory, environment: this.options.environment, file: this.file };
  }
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
