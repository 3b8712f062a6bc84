import { stagedPath } from "../../../shared/transport/paths";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import { LedgerUnusable } from "../record/ledger-file";
import type { Service } from "../services/service";
import { confirm } from "./confirmation";
import { contestedDefaults, contestedParts } from "./contested-names";
import type { Swap } from "./swap";
import type { TransactionContext } from "./transaction-context";
import { unreadParts } from "./unread-files";
import type { Part } from "./work";

export interface CommitContext extends TransactionContext {
  readonly swap: Swap;
  /** Whether the lock may be held long enough for further attempts. */
  readonly hasTime: () => boolean;
  readonly warn: (problem: Problem) => void;
}

/**
 * Swaps in what has been staged for one service, and has the service take it: checked before, confirmed after, put
 * back where it fails. What fails for a reason that names the guilty part undoes that one. Where the reason names
 * none, halves are tried by themselves, until the guilty one is alone.
 */
export class Commit {
  /** The service has been told of what is swapped in at present. */
  #told = false;
  /** Activations of what was put back, and that the service could not be told of since. */
  readonly #notActivated = new Set<string>();

  constructor(
    private readonly service: Service,
    private readonly context: CommitContext,
  ) {}

  async run(parts: readonly Part[]): Promise<void> {
    const problem = await this.#attempt(parts);
    if (!problem) return;
    const suspects = alive(parts);
    await this.#undo(suspects);
    if (suspects.length > 1 && this.context.hasTime()) {
      const middle = Math.ceil(suspects.length / 2);
      await this.run(suspects.slice(0, middle));
      await this.run(suspects.slice(middle));
    } else if (suspects.length > 0) {
      for (const part of suspects) part.fail(problem);
    } else {
      this.context.warn(problem);
    }
  }

  /** What is wrong with all of them together, where it cannot be said whose fault it is. */
  async #attempt(parts: readonly Part[]): Promise<Problem | undefined> {
    this.#told = false;
    const unnoted = await this.#notePending(parts);
    if (unnoted) return unnoted;
    if (parts.some(preparesHost)) await this.#failMisfits(parts);
    await this.#arrive(alive(parts));
    const { refused, broken } = await this.#check(alive(parts));
    const isMisfit = refused || broken ? await this.#failMisfits(alive(parts)) : false;
    if (refused && !isMisfit) return refused;
    if (isMisfit && alive(parts).length === 0) return undefined;
    await this.#take(alive(parts), (part) => part.configuration);
    const unbuilt = await this.service.build();
    if (unbuilt) return unbuilt;
    this.#notActivated.clear();
    await this.#refute(await unreadParts(this.service, alive(parts)));
    await this.#refute(await contestedParts(this.service, alive(parts), this.#isOurs));
    await this.#refute(await contestedDefaults(this.service, alive(parts), this.#isOurs));
    // What was broken may have been a file that is whole again, or gone, by now.
    const stillBroken = broken && (await this.service.checkLive());
    if (stillBroken) this.#warnOfBroken(stillBroken);
    else {
      const notActivated = await this.#activate(alive(parts));
      if (notActivated) return notActivated;
    }
    await this.#take(alive(parts), (part) => part.leaving);
    return undefined;
  }

  async #arrive(parts: readonly Part[]): Promise<void> {
    await this.#take(parts, (part) => part.arriving);
    await this.#take(alive(parts), (part) => part.following);
  }

  async #take(parts: readonly Part[], select: (part: Part) => Part["steps"]): Promise<void> {
    await this.#undoAndFail(await this.context.swap.take(parts, select));
  }

  async #undoAndFail(guilty: ReadonlyMap<Part, Problem>): Promise<void> {
    // First, since the words of the problem may say that it is done.
    await this.#undo([...guilty.keys()]);
    for (const [part, problem] of guilty) part.fail(problem);
  }

  /** What a configuration that was here before has against a part is said; what a new one has, keeps that from coming. */
  async #refute(problems: ReadonlyMap<Part, Problem>): Promise<void> {
    const isNew = ({ stagedConfiguration }: Part) => stagedConfiguration.length > 0;
    await this.#undoAndFail(new Map([...problems].filter(([part]) => isNew(part))));
    for (const [{ work }, problem] of [...problems].filter(([part]) => !isNew(part))) {
      // An attempt may be repeated.
      if (!work.errors.some(({ summary }) => summary === problem.summary)) work.errors.push(problem);
    }
  }

  readonly #isOurs = (path: string) => this.context.ledgerFile.ledger.owner(path) !== undefined;

  /**
   * To a service that is not installed, or is of another version, nothing comes; what goes may go.
   *
   * @returns whether it is such a service
   */
  async #failMisfits(parts: readonly Part[]): Promise<boolean> {
    const problem = await this.service.misfit();
    if (!problem) return false;
    await this.#undoAndFail(new Map(parts.filter(writes).map((part) => [part, problem])));
    await this.#refute(new Map(parts.filter(isAskedOnly).map((part) => [part, problem])));
    return true;
  }

  /** Puts back what parts of a change have done for which another service has failed. */
  async takeBack(parts: readonly Part[]): Promise<void> {
    this.#told = true;
    await this.#undo(parts);
  }

  /** Puts back what parts have done, and tells the service if it has been told of it. Then no activation is pending for them. */
  async #undo(parts: readonly Part[]): Promise<void> {
    const changed = parts.some(({ done }) => done.length > 0);
    // Whether or not that can be noted: the old files are the better ones.
    if (this.#told) await this.#notePending(parts);
    await this.context.swap.undo(parts);
    let problem: Problem | undefined;
    if (changed) problem = await this.service.build();
    if (changed && this.#told && (await this.service.isRunning())) problem ??= await this.service.activate();
    if (problem) this.#leavePending(parts, problem);
    else this.#settle(activationIdsOf(parts));
  }

  /** Notes activations as pending again, where an attempt that was undone has settled them. */
  async #notePending(parts: readonly Part[]): Promise<Problem | undefined> {
    const { ledgerFile, session } = this.context;
    const settled = parts.filter(({ activationId: id }) => id !== null && !ledgerFile.ledger.isPending(id));
    if (settled.length === 0) return undefined;
    ledgerFile.note(
      settled.map(
        ({ activationId, work }) =>
          ["owe", this.service.name, activationId ?? "", work.change.token] as const,
      ),
    );
    try {
      await ledgerFile.flush(session);
      return undefined;
    } catch (error) {
      if (!(error instanceof LedgerUnusable)) throw error;
      const summary = SERVICE.pendingNotNoted(this.service.name);
      return { summary, detail: `${error.message}. Without that note nothing is changed for it.` };
    }
  }

  /** Pending activations of the service, those of earlier runs too. */
  get #pendingIds(): string[] {
    const { pendingActivations } = this.context.ledgerFile.ledger;
    return pendingActivations.filter(({ service }) => service === this.service.name).map(({ id }) => id);
  }

  #settle(ids: readonly string[]): void {
    this.context.ledgerFile.note(ids.map((id) => ["paid", id] as const));
  }

  /** With the new PEMs in place. What was broken before is nobody's fault here, and holds back nobody. */
  async #check(parts: readonly Part[]): Promise<{ readonly refused?: Problem; readonly broken?: boolean }> {
    const staged = parts.flatMap((part) => part.stagedConfiguration).map(({ path }) => stagedPath(path));
    const refused = await this.service.checkCandidate(staged);
    if (!refused) return {};
    const live = staged.length > 0 ? await this.service.checkLive() : refused;
    const before = live && (await this.#checkWithout(parts));
    return before ? { broken: true } : { refused };
  }

  /** The files stay, and their activation stays pending until somebody fixes the configuration. */
  #warnOfBroken({ detail }: Problem): void {
    this.context.warn({
      summary: SERVICE.brokenBefore(this.service.name),
      detail:
        this.#pendingIds.length > 0
          ? `${detail}\nThe new files are in place and their activation is pending: mend what the message names and apply again.`
          : `${detail}\nNothing has been changed for it: mend what the message names and apply again.`,
    });
  }

  /** The activation stays pending, so that the next apply tells the service again. */
  #leavePending(parts: readonly Part[], { summary, detail }: Problem): void {
    for (const id of activationIdsOf(parts)) this.#notActivated.add(id);
    this.context.warn({
      summary: SERVICE.oldFilesNotReloaded(this.service.name),
      detail: `${summary}. ${detail}\nThat is noted on the host: mend what the message names and apply again.`,
    });
  }

  /** What is wrong with the configuration as it was before the new PEMs came. */
  async #checkWithout(parts: readonly Part[]): Promise<Problem | undefined> {
    if (parts.every(({ done }) => done.length === 0)) return this.service.checkLive();
    await this.context.swap.undo(parts);
    const problem = await this.service.checkLive();
    if (problem) await this.#arrive(alive(parts));
    return problem;
  }

  async #activate(parts: readonly Part[]): Promise<Problem | undefined> {
    if (this.#pendingIds.length === 0 && parts.every(({ steps }) => steps.length === 0)) return undefined;
    if (await this.service.isRunning()) {
      const problem = await this.service.activate();
      this.#told = true;
      if (problem) return problem;
      const { confirmed, refuted, open, isDeaf } = await this.#confirm(parts);
      if (confirmed.length === 0 && refuted.size > 1) return [...refuted.values()][0];
      for (const [part, warning] of open) part.work.warnings.push(warning);
      await this.#undoAndFail(refuted);
      if (confirmed.length === 0 && refuted.size > 0) return undefined;
      if (isDeaf && !(await this.service.stillRuns())) {
        this.#warnOfEnd();
        return undefined;
      }
    } else {
      this.context.warn({
        summary: SERVICE.notRunning(this.service.name),
        detail: "The new files are in place; they will be served when it is started.",
      });
    }
    this.#settle(this.#pendingIds.filter((id) => !this.#notActivated.has(id)));
    return undefined;
  }

  /** The activation stays pending: whoever starts it again need not know of that. */
  #warnOfEnd(): void {
    this.context.warn({
      summary: SERVICE.ended(this.service.name),
      detail: "They are in place, and the next apply tells it again. See its log for why, and start it.",
    });
  }

  async #confirm(parts: readonly Part[]) {
    const { timeouts, transport, host, session } = this.context;
    // Whoever reads its files anew for each connection was not restarted.
    const listenMs = this.service.needsActivation ? timeouts.listenMs : 0;
    const confirmations = await confirm(
      this.service.settings,
      parts,
      { ...timeouts, listenMs },
      {
        name: host.name,
        target: (endpoint) => transport.target(endpoint),
      },
    );
    // A connection that was cut meanwhile is like a server that does not answer: this throws, and no server is blamed.
    if (confirmations.refuted.size > 0) await session.call("clock");
    return confirmations;
  }
}

function preparesHost({ work, steps, isInQuestion }: Part): boolean {
  return work.change.role === "base" && (steps.length > 0 || isInQuestion);
}

function isAskedOnly({ steps, isInQuestion }: Part): boolean {
  return steps.length === 0 && isInQuestion;
}

function writes({ steps }: Part): boolean {
  return steps.some((step) => step.do !== "remove");
}

function activationIdsOf(parts: readonly Part[]): string[] {
  return parts.flatMap(({ activationId }) => activationId ?? []);
}

function alive(parts: readonly Part[]): Part[] {
  return parts.filter(({ failed }) => !failed);
}
