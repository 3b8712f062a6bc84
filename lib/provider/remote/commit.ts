import type { Problem } from "./change";
import { confirm } from "./confirmation";
import type { LedgerFile } from "./ledger-file";
import { stagedPath } from "./paths";
import type { Service } from "./service";
import type { Swap } from "./swap";
import type { Part } from "./work";

/** An attempt that has to be undone. */
interface Failure {
  readonly problem: Problem;
  /** The service has been told of files that are about to be put back. */
  readonly activated: boolean;
}

/**
 * Swaps in what has been staged for one service, and has the service take it: checked before, confirmed after, put
 * back where it fails. If several parts fail together, each is tried by itself, so that only the guilty one is undone.
 */
export class Commit {
  constructor(
    private readonly service: Service,
    private readonly swap: Swap,
    private readonly ledgerFile: LedgerFile,
    private readonly warn: (problem: Problem) => void,
  ) {}

  async run(parts: readonly Part[]): Promise<void> {
    const failure = await this.#attempt(parts);
    if (!failure) return;
    await this.swap.undo(parts);
    const notTold = failure.activated ? await this.service.activate() : undefined;
    if (!notTold) this.#settle(parts.flatMap(({ debt }) => debt ?? []));
    if (parts.length > 1) {
      for (const part of parts) await this.run([part]);
      return;
    }
    if (parts.length === 1) parts[0].fail(failure.problem);
    else this.warn(failure.problem);
  }

  async #attempt(parts: readonly Part[]): Promise<Failure | undefined> {
    const refused = (problem: Problem): Failure => ({ problem, activated: false });
    const arrived = await this.swap.take(stepsOf(parts, (part) => part.arriving));
    if (arrived) return refused(arrived);
    const staged = parts.flatMap((part) => part.stagedConfiguration).map(({ path }) => stagedPath(path));
    const live = await this.#check(staged);
    if (live && "problem" in live) return live;
    const configured = await this.swap.take(stepsOf(parts, (part) => part.configuration));
    if (configured) return refused(configured);
    const unbuilt = await this.service.build();
    if (unbuilt) return refused(unbuilt);
    const contested = await this.#contested(parts);
    if (contested) return refused(contested);
    if (!live) {
      const failed = await this.#activate(parts);
      if (failed) return failed;
    }
    const left = await this.swap.take(stepsOf(parts, (part) => part.leaving));
    return left && { problem: left, activated: true };
  }

  /** A failure, or what is wrong with the configuration that is there already, which is nobody's fault here. */
  async #check(staged: readonly string[]): Promise<Failure | { readonly broken: Problem } | undefined> {
    const problem = await this.service.checkCandidate(staged);
    if (!problem) return undefined;
    const broken = staged.length > 0 ? await this.service.checkLive() : problem;
    if (!broken) return { problem, activated: false };
    this.warn({
      summary: `The configuration of ${this.service.name} was broken before, and has not been loaded`,
      detail:
        `${broken.detail}\nThe new files are in place, and are owed to ${this.service.name}: ` +
        "mend what the message names and apply again.",
    });
    return { broken };
  }

  async #activate(parts: readonly Part[]): Promise<Failure | undefined> {
    const owed = this.ledgerFile.ledger.debts.filter(({ service }) => service === this.service.name);
    if (owed.length === 0 && parts.every(({ steps }) => steps.length === 0)) return undefined;
    if (await this.service.isRunning()) {
      const problem = (await this.service.activate()) ?? (await this.#confirm(parts));
      if (problem) return { problem, activated: true };
    } else {
      this.warn({
        summary: `${this.service.name} is not running`,
        detail: "The new files are in place; they will be served when it is started.",
      });
    }
    this.#settle(owed.map(({ id }) => id));
    return undefined;
  }

  #settle(debts: readonly string[]): void {
    this.ledgerFile.note(debts.map((id) => ["paid", id] as const));
  }

  async #confirm(parts: readonly Part[]): Promise<Problem | undefined> {
    for (const part of parts) {
      const outcome = await confirm(this.service.settings, part);
      if (outcome?.severity === "error") return outcome.problem;
      if (outcome) part.work.warnings.push(outcome.problem);
    }
    return undefined;
  }

  /** Names that somebody else's block of the configuration would take. */
  async #contested(parts: readonly Part[]): Promise<Problem | undefined> {
    for (const part of parts) {
      const problem = await this.#contestedBy(part);
      if (problem) return problem;
    }
    return undefined;
  }

  async #contestedBy({ work, stagedConfiguration }: Part): Promise<Problem | undefined> {
    if (work.change.role !== null || stagedConfiguration.length === 0) return undefined;
    const ours = work.change.files.find(({ secret, service }) => secret && service === this.service.name);
    if (!ours) return undefined;
    const names = await this.service.contestedNames(work.change.names, ours.path);
    const chosen = await this.service.chosenCertificates(names);
    const lost = names.findIndex((_, index) => chosen[index] !== undefined && chosen[index] !== ours.path);
    if (lost < 0) return undefined;
    return {
      summary: `${names[lost]} is taken by another block of ${this.service.name}'s configuration`,
      detail:
        `A client that asks for ${names[lost]} would be shown the certificate in ${chosen[lost]}, not ${ours.path}. ` +
        `Remove that name's block from the configuration of ${this.service.name}, or the name from this domain.`,
      path: ours.path,
    };
  }
}

function stepsOf(parts: readonly Part[], select: (part: Part) => Part["steps"]) {
  return parts.flatMap((part) => select(part).map((step) => ({ part, step })));
}
