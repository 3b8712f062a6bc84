import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import { sentence } from "../../../shared/transport/sentence";
import { lastLines, SessionLost } from "../../../shared/transport/session";
import { inSeconds } from "../../../shared/transport/timeouts";
import { HOST } from "../../messages/hosts";
import type { Change, ChangeResult, Problem } from "../desired/change";
import { LedgerUnusable } from "../record/ledger-file";
import { serviceNamed } from "../services/service";
import { withClaimsOnHost } from "./claims-on-host";
import { CleanUp } from "./clean-up";
import { Commit } from "./commit";
import type { Found } from "./decision";
import { Staging } from "./staging";
import { Swap } from "./swap";
import { clearLeftovers } from "./temporary-files";
import type { TransactionContext } from "./transaction-context";
import { type Part, Work } from "./work";
import { WriteAhead } from "./write-ahead";

/**
 * Applies several changes to one host whose lock the session holds. The changes share round trips, checks and
 * activations. A failure undoes only the change that caused it.
 *
 * A kill at any point leaves each file old or new. Pending activations are in the ledger before anything is
 * swapped, so that the next run knows them.
 */
export class Transaction {
  readonly #works: readonly Work[];
  readonly #start = performance.now();

  constructor(
    private readonly context: TransactionContext,
    changes: readonly Change[],
  ) {
    const { ledger } = context.ledgerFile;
    this.#works = changes.map((change) => new Work(withClaimsOnHost(change, ledger)));
  }

  /** Applies the changes, and returns their results in order. */
  async run(): Promise<ChangeResult[]> {
    try {
      await clearLeftovers(this.context);
      const { found, safe } = await new WriteAhead(this.context).run(this.#works);
      const { session, host, ledgerFile } = this.context;
      const staging = new Staging(session, host, safe);
      const swap = new Swap(session, host, safe);
      const staged = await staging.run(this.#alive);
      await session.call("sync_files", ledgerFile.path, posix.dirname(ledgerFile.path), ...staged);
      this.#cancelPendingOfFailed();
      await this.#commit(swap);
      await this.#undoFailedCreates(found, staging, swap);
      await this.#cleanUp(new CleanUp(this.context, safe), swap.stuck);
    } catch (error) {
      const problem = this.#interruption(error);
      for (const work of this.#works) work.errors.push(problem);
    }
    return this.#works.map(({ result }) => result);
  }

  get #alive(): Work[] {
    return this.#works.filter(({ failed }) => !failed);
  }

  /** Settles the pending activations of changes that could not be staged: they will not be swapped. */
  #cancelPendingOfFailed(): void {
    const failed = this.#works.filter(({ failed }) => failed).flatMap(({ parts }) => parts);
    const ids = failed.flatMap(({ activationId }) => activationId ?? []);
    this.context.ledgerFile.note(ids.map((id) => ["paid", id] as const));
  }

  async #commit(swap: Swap): Promise<void> {
    const { host, ledgerFile } = this.context;
    const parts = this.#alive.flatMap((work) => work.parts);
    const pending = ledgerFile.ledger.pendingActivations.map(({ service }) => service);
    // Services in the order of the host's declaration. A service that is not declared has files, but no commands.
    const services = new Set([...host.services.keys(), ...parts.map(({ service }) => service)]);
    for (const name of services) {
      const own = parts.filter(({ service }) => service === name);
      if (own.length > 0 || pending.includes(name ?? "")) await this.#commitOf(name, swap).run(own);
    }
  }

  #commitOf(service: string | null, swap: Swap): Commit {
    const end = this.#start + this.context.timeouts.halvingMs;
    return new Commit(serviceNamed(service, this.context), {
      ...this.context,
      swap,
      hasTime: () => performance.now() < end,
      warn: (problem) => this.#warn(problem),
    });
  }

  /** Adds a warning once, not once for each of a thousand domains. */
  #warn(problem: Problem): void {
    const { said } = this.context.memory;
    if (said.has(problem.summary)) return;
    said.add(problem.summary);
    this.#works[0]?.warnings.push(problem);
  }

  /** Undoes failed creates for every service, so that they leave the host as it was. */
  async #undoFailedCreates({ facts }: Found, staging: Staging, swap: Swap): Promise<void> {
    const failed = this.#works.filter((work) => work.failed && work.change.kind === "create");
    const committed = failed.flatMap((work) => work.parts).filter(hasChangedSomething);
    for (const [service, parts] of groupBy(committed, (part) => part.service)) {
      await this.#commitOf(service, swap).takeBack(parts);
    }
    await staging.undo(failed, this.#alive, facts);
  }

  /** If the ledger cannot be written, only warns: the changes are done, and the next run repeats the unrecorded steps. */
  async #cleanUp(cleanUp: CleanUp, stuck: ReadonlySet<string>): Promise<void> {
    try {
      await cleanUp.run(this.#works, stuck);
    } catch (error) {
      if (!(error instanceof LedgerUnusable)) throw error;
      this.#warn({
        summary: HOST.doneButNotNoted(this.context.host.name),
        detail: `${error.message}. The files are as reported. The next run repeats the steps that were not recorded.`,
      });
    }
  }

  #interruption(error: unknown): Problem {
    const { host, timeouts } = this.context;
    const { name } = host;
    if (error instanceof LedgerUnusable) {
      return {
        summary: HOST.notNoted(name),
        detail: `${error.message}. Nothing was changed there.`,
      };
    }
    if (error instanceof SessionLost) {
      return {
        summary: HOST.lost(name),
        detail:
          `${sentence(lastLines(error.message))} Each file there is either the old one or the new one, and complete. The ` +
          "host's ledger records the pending activations. Apply again to finish. If the connection was cut, the host may hold the " +
          `lock for up to ${inSeconds(timeouts.lockHoldMs)} s.`,
      };
    }
    throw error;
  }
}

function hasChangedSomething({ done }: Part): boolean {
  return done.length > 0;
}
