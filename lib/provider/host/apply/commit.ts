import { stagedPath } from "../../../shared/transport/paths";
import type { Problem } from "../desired/change";
import type { Service } from "../services/service";
import { Activations } from "./activations";
import { inArrivalOrder } from "./arrival-order";
import { type CommitState, hasHeard, isFinal, next, type OpenState, type StepResult } from "./commit-states";
import { brokenBefore, ended, notRunning, oldFilesNotReloaded } from "./commit-warnings";
import { confirm } from "./confirmation";
import { contestedDefaults, contestedParts } from "./contested-names";
import { expectationsOf } from "./expectations";
import { type GroupFailure, tryHalves } from "./halving";
import { Handover } from "./handover";
import { misfits, needFit } from "./misfits";
import type { Swap } from "./swap";
import type { TransactionContext } from "./transaction-context";
import { unreadParts } from "./unread-files";
import type { Part } from "./work";

export interface CommitContext extends TransactionContext {
  readonly swap: Swap;
  /** Whether enough time remains under the lock for further attempts. */
  readonly hasTime: () => boolean;
  readonly warn: (problem: Problem) => void;
}

/** The action of each state, on the parts that have not failed. */
type Steps = { readonly [S in OpenState]: (parts: readonly Part[]) => Promise<StepResult<S>> };

/**
 * Swaps in the staged files of one service and activates them, by the states of `commit-states.ts`. A part
 * that is known to be at fault is undone and fails alone. If the fault is not known, the attempt is undone,
 * and its halves are tried.
 */
export class Commit {
  #state: CommitState = "staged";
  readonly #activations: Activations;
  readonly #handover: Handover;

  constructor(
    private readonly service: Service,
    private readonly context: CommitContext,
  ) {
    this.#activations = new Activations(service.name, context.ledgerFile, context.session);
    this.#handover = new Handover(service, context);
  }

  async run(parts: readonly Part[]): Promise<void> {
    await tryHalves(parts, (group) => this.#attempt(group), {
      hasTime: this.context.hasTime,
      report: ({ suspects, problem }) => {
        for (const part of suspects) part.fail(problem);
        if (suspects.length === 0) this.context.warn(problem);
      },
    });
  }

  /** Restores the previous files of parts whose change failed for another service. */
  async takeBack(parts: readonly Part[]): Promise<void> {
    this.#state = "confirmed";
    await this.#undo(parts);
    this.#handover.forget(parts);
  }

  readonly #steps: Steps = {
    staged: (parts) => this.#swapIn(parts),
    swapped: (parts) => this.#check(parts),
    checked: (parts) => this.#install(parts),
    broken: (parts) => this.#installIfWhole(parts),
    told: (parts) => this.#tell(parts),
  };

  /**
   * Runs from `staged` to a final state.
   *
   * @returns the problem of all parts together, if they are undone
   */
  async #attempt(parts: readonly Part[]): Promise<GroupFailure<Part, Problem> | undefined> {
    this.#state = "staged";
    while (!isFinal(this.#state)) {
      const { outcome, problem } = await this.#steps[this.#state](alive(parts));
      if (problem) {
        const suspects = alive(parts);
        // Undo before the transition: the state of the failure decides whether the service is activated again.
        await this.#undo(suspects);
        this.#state = next(this.#state, outcome);
        return { suspects, problem };
      }
      this.#state = next(this.#state, outcome);
    }
    const problems = await this.#handover.complete(alive(parts), this.#state);
    for (const problem of problems) this.context.warn(problem);
    await this.#take(alive(parts), (part) => part.leaving);
    return undefined;
  }

  async #swapIn(parts: readonly Part[]): Promise<StepResult<"staged">> {
    const problem = await this.#activations.note(parts);
    if (problem) return { outcome: "cannot be noted", problem };
    if (needFit(parts)) await this.#failMisfits(parts);
    await this.#arrive(alive(parts));
    return { outcome: "swapped in" };
  }

  /**
   * Checks the configuration with the new PEMs in place. If it was broken before, these parts do not fail.
   */
  async #check(parts: readonly Part[]): Promise<StepResult<"swapped">> {
    const staged = parts.flatMap((part) => part.stagedConfiguration).map(({ path }) => stagedPath(path));
    const refused = await this.service.checkCandidate(staged);
    if (!refused) return { outcome: "accepted" };
    const live = staged.length > 0 ? await this.service.checkLive() : refused;
    const wasBroken = live !== undefined && (await this.#isBrokenWithout(parts));
    const isMisfit = await this.#failMisfits(alive(parts));
    if (isMisfit && alive(parts).length === 0) return { outcome: "nothing left" };
    if (wasBroken) return { outcome: "broken before" };
    return isMisfit ? { outcome: "accepted" } : { outcome: "refused", problem: refused };
  }

  async #install(parts: readonly Part[]): Promise<StepResult<"checked">> {
    const problem = await this.#swapConfiguration(parts);
    return problem ? { outcome: "not built", problem } : this.#readiness(parts);
  }

  /** Swaps the configuration in and checks again: the swap may replace or remove the broken file. */
  async #installIfWhole(parts: readonly Part[]): Promise<StepResult<"broken">> {
    const problem = await this.#swapConfiguration(parts);
    if (problem) return { outcome: "not built", problem };
    const stillBroken = await this.service.checkLive();
    if (!stillBroken) return this.#readiness(parts);
    this.context.warn(brokenBefore(this.service.name, stillBroken, this.#activations.arePending));
    return { outcome: "still broken" };
  }

  /**
   * Swaps the configuration in and runs `build`. Then fails parts that the service does not read, or that other
   * configuration overrides.
   */
  async #swapConfiguration(parts: readonly Part[]): Promise<Problem | undefined> {
    await this.#take(parts, (part) => part.configuration);
    const problem = await this.service.build();
    if (problem) return problem;
    this.#activations.built();
    await this.#refute(await unreadParts(this.service, alive(parts)));
    await this.#refuteContested(parts);
    return undefined;
  }

  /** Repeats the check after a part was undone: its old configuration may have names of others. */
  async #refuteContested(parts: readonly Part[]): Promise<void> {
    const { ledger } = this.context.ledgerFile;
    for (let before = -1; before !== alive(parts).length; ) {
      before = alive(parts).length;
      await this.#refute(await contestedParts(this.service, alive(parts), ledger));
    }
    await this.#refute(await contestedDefaults(this.service, alive(parts), ledger));
  }

  /** Decides whether to activate the service. */
  async #readiness(parts: readonly Part[]): Promise<StepResult<"checked">> {
    const hasChanges = alive(parts).some(({ steps }) => steps.length > 0);
    if (!this.#activations.arePending && !hasChanges) return { outcome: "nothing to tell" };
    if (await this.service.isRunning()) return { outcome: "installed" };
    this.context.warn(notRunning(this.service.name));
    this.#activations.settleAll();
    return { outcome: "not running" };
  }

  async #tell(parts: readonly Part[]): Promise<StepResult<"told">> {
    const notTaken = await this.service.activate();
    if (notTaken) return { outcome: "not taken", problem: notTaken };
    const { confirmed, refuted, open, isDeaf } = await this.#confirm(parts);
    const [first, ...others] = refuted.values();
    if (confirmed.length === 0 && first && others.length > 0)
      return { outcome: "all refuted", problem: first };
    for (const [part, warning] of open) part.work.warnings.push(warning);
    await this.#undoAndFail(refuted);
    if (confirmed.length === 0 && first) return { outcome: "none confirmed" };
    if (isDeaf && !(await this.service.stillRuns())) {
      this.context.warn(ended(this.service.name));
      return { outcome: "ended" };
    }
    this.#activations.settleAll();
    return { outcome: "presented" };
  }

  async #arrive(parts: readonly Part[]): Promise<void> {
    for (const group of inArrivalOrder(parts)) {
      await this.#take(group, (part) => part.arriving);
      await this.#take(alive(group), (part) => part.following);
    }
  }

  async #leave(parts: readonly Part[]): Promise<void> {
    await this.context.swap.undo(inArrivalOrder(parts).flat().reverse());
  }

  async #take(parts: readonly Part[], select: (part: Part) => Part["steps"]): Promise<void> {
    await this.#undoAndFail(await this.context.swap.take(parts, select));
  }

  async #undoAndFail(guilty: ReadonlyMap<Part, Problem>): Promise<void> {
    // Undo first: the problem's text may say that it is done.
    await this.#undo([...guilty.keys()]);
    for (const [part, problem] of guilty) part.fail(problem);
  }

  /**
   * Handles parts without effect. A part with new configuration is undone and fails. A part whose configuration
   * was in place before keeps it, and reports the problem.
   */
  async #refute(problems: ReadonlyMap<Part, Problem>): Promise<void> {
    const isNew = ({ stagedConfiguration }: Part) => stagedConfiguration.length > 0;
    await this.#undoAndFail(new Map([...problems].filter(([part]) => isNew(part))));
    for (const [{ work }, problem] of [...problems].filter(([part]) => !isNew(part))) {
      // An attempt may be repeated: report the problem once.
      if (!work.errors.some(({ summary }) => summary === problem.summary)) work.errors.push(problem);
    }
  }

  /** @returns whether the service is not installed, or of another version */
  async #failMisfits(parts: readonly Part[]): Promise<boolean> {
    const found = await misfits(this.service, parts);
    if (!found) return false;
    await this.#undoAndFail(found.writing);
    await this.#refute(found.inPlace);
    return true;
  }

  /**
   * Restores the previous files of parts. If the service may have loaded the new files, activates it again. Their
   * activations stay pending only if that fails.
   */
  async #undo(parts: readonly Part[]): Promise<void> {
    const changed = parts.some(({ done }) => done.length > 0);
    const isHeard = hasHeard(this.#state);
    // The result is ignored: the old files are restored even if the ledger cannot be written.
    if (isHeard) await this.#activations.note(parts);
    await this.#leave(parts);
    let problem: Problem | undefined;
    if (changed) problem = await this.service.build();
    if (changed && isHeard && (await this.service.isRunning())) problem ??= await this.service.activate();
    if (!problem) return this.#activations.settle(parts);
    this.#activations.keep(parts);
    this.context.warn(oldFilesNotReloaded(this.service.name, problem));
  }

  /**
   * Whether the configuration was broken without the new PEMs. If it was, they are swapped in again afterwards.
   */
  async #isBrokenWithout(parts: readonly Part[]): Promise<boolean> {
    if (parts.every(({ done }) => done.length === 0)) return (await this.service.checkLive()) !== undefined;
    await this.#leave(parts);
    const problem = await this.service.checkLive();
    if (problem) await this.#arrive(alive(parts));
    return problem !== undefined;
  }

  async #confirm(parts: readonly Part[]) {
    const { timeouts, transport, host, session } = this.context;
    // A service that reads its files at each connection was not restarted, so it has to listen already.
    const listenMs = this.service.needsActivation ? timeouts.listenMs : 0;
    const confirmations = await confirm(
      this.service.settings,
      parts.flatMap((part) => expectationsOf(part, host.canary === true)),
      { ...timeouts, listenMs },
      {
        name: host.name,
        canary: host.canary,
        target: (endpoint) => transport.target(endpoint),
        consequence: "The previous files were restored.",
      },
    );
    // A lost connection looks like a server that does not answer. In that case this call throws SessionLost.
    if (confirmations.refuted.size > 0) await session.call("clock");
    return confirmations;
  }
}

function alive(parts: readonly Part[]): Part[] {
  return parts.filter(({ failed }) => !failed);
}
