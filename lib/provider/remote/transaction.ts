import { randomBytes } from "node:crypto";
import { MailSniError } from "../../common/errors";
import type { Change, ChangeResult, DesiredFile, Placeholder, Problem } from "./change";
import { Commit } from "./commit";
import { claimedPaths, decide, type Found, obstacles, pathsToLookAt, type Step, sha256 } from "./decision";
import { lookAt } from "./facts";
import { groupBy } from "./grouping";
import { type Ledger, type LedgerEntry, pendingActivations } from "./ledger";
import { type LedgerFile, LedgerUnusable } from "./ledger-file";
import { ancestors, previousPath, stagedPath } from "./paths";
import type { Patience } from "./patience";
import { missingFiles } from "./placeholder";
import { Service } from "./service";
import { lastLines, type Session, SessionLost } from "./session";
import { type HostSettings, onHost, withoutCommands } from "./settings";
import { Staging } from "./staging";
import { isDirect, Swap } from "./swap";
import { Part, Work } from "./work";

/** What a process remembers of a host from one transaction to the next. */
export interface Memory {
  /** Paths that were removed, and nobody has declared since. */
  readonly removed: Set<string>;
  /** What was said that concerns no resource in particular: once is enough. */
  readonly said: Set<string>;
}

export interface TransactionContext {
  /** Holds the host's lock. */
  readonly session: Session;
  readonly host: HostSettings;
  /** As it is now. */
  readonly ledgerFile: LedgerFile;
  readonly memory: Memory;
  readonly patience: Patience;
}

/**
 * Brings several changes onto one host whose lock the session holds: what can be done together is done together, and
 * what fails is undone for the one that caused it.
 *
 * A kill at any point leaves each file old or new. What is owed to a service is in the ledger before anything is
 * swapped, so that the next run knows.
 */
export class Transaction {
  readonly #works: readonly Work[];
  readonly #swap: Swap;
  readonly #staging: Staging;
  readonly #start = Date.now();
  #found: Found | undefined;

  constructor(
    private readonly context: TransactionContext,
    changes: readonly Change[],
  ) {
    const { session, host } = context;
    this.#works = changes.map((change) => new Work(change));
    this.#swap = new Swap(session, host);
    this.#staging = new Staging(session, host);
  }

  /** What became of each change, in their order. */
  async run(): Promise<ChangeResult[]> {
    try {
      await this.#clearLeftovers();
      await this.#announce();
      await this.#staging.run(this.#alive);
      await this.#commit();
      await this.#undoFailedCreates();
      await this.#finish();
    } catch (error) {
      const problem = this.#interruption(error);
      for (const work of this.#works) work.errors.push(problem);
    }
    return this.#works.map(({ result }) => result);
  }

  get #ledger(): Ledger {
    return this.context.ledgerFile.ledger;
  }

  get #alive(): Work[] {
    return this.#works.filter(({ failed }) => !failed);
  }

  #service(name: string | null): Service {
    const settings = name === null ? undefined : this.context.host.services.get(name);
    const usable = settings && this.context.host.applyOwnership ? settings : withoutCommands(name ?? "");
    return new Service(usable, this.context.host, this.context.session);
  }

  /** A run that was killed leaves staged files and previous versions beside files that are old or new. */
  async #clearLeftovers(): Promise<void> {
    const { unfinished } = this.#ledger;
    if (unfinished.length === 0) return;
    const names = unfinished.flatMap((path) => [path, stagedPath(path), previousPath(path)]);
    const { status } = await this.context.session.call(
      "clear_leftovers",
      ...names.map((path) => onHost(this.context.host, path)),
    );
    if (status === 0) this.context.ledgerFile.note([["closed"]]);
  }

  /** Decides what to do, and has it in the ledger before anything is moved. */
  async #announce(): Promise<void> {
    const found = await this.#look();
    for (const work of this.#works) {
      if (work.change.kind !== "delete") work.errors.push(...this.#obstacles(work.change, found));
    }
    // All claims come before any decision: what one change gives up may be what another takes over.
    for (const work of this.#alive) this.#claim(work);
    for (const work of this.#alive) await this.#plan(work, found);
    await this.context.ledgerFile.flush(this.context.session);
  }

  #obstacles(change: Change, found: Found): Problem[] {
    const { name } = this.context.host;
    return obstacles(change, found).map((problem) => ({
      ...problem,
      detail: `On host "${name}": ${problem.detail}`,
    }));
  }

  async #look(): Promise<Found> {
    const paths = this.#works.flatMap(({ change }) => pathsToLookAt(change));
    const facts = await lookAt(this.context.session, this.context.host, paths);
    const unowned = new Set(paths.filter((path) => !this.#ledger.owner(path)));
    const { applyOwnership } = this.context.host;
    this.#found = { facts, unowned, ledger: this.#ledger, applyOwnership };
    return this.#found;
  }

  #claim(work: Work): void {
    const { stack, token } = work.change;
    const claimed = claimedPaths(work.change).filter((path) => this.#ledger.owner(path)?.token !== token);
    for (const path of claimed) work.previousOwners.set(path, this.#ledger.owner(path));
    this.context.ledgerFile.note(claimed.map((path) => ["claim", stack, token, path] as const));
  }

  async #plan(work: Work, found: Found): Promise<void> {
    const { change } = work;
    const placeholders = await this.#placeholderFiles(work, found);
    const decision = decide(change, found, placeholders);
    work.decision = decision;
    work.warnings.push(...decision.warnings, ...this.#interrupted(change));
    for (const [service, steps] of this.#stepsByService(change, decision.steps)) {
      work.parts.push(new Part(work, service, steps, this.#owe(service, steps, change)));
      this.context.ledgerFile.note(
        steps.filter((step) => !isDirect(step)).map(({ path }) => ["stage", path] as const),
      );
    }
    this.context.ledgerFile.note(
      placeholders.map(({ path, contents }) => ["placeholder", sha256(contents), path] as const),
    );
    const made = decision.missingDirectories.filter((path) => !this.#ledger.madeDirectory(path));
    this.context.ledgerFile.note(made.map((path) => ["directory", path] as const));
    this.context.ledgerFile.note(decision.linkedDirectories.map((path) => ["stage", path] as const));
  }

  /** Services that have been owed something since an earlier run are among them, with nothing to do but to be told. */
  #stepsByService(
    { token }: Change,
    steps: readonly { readonly service: string | null; readonly step: Step }[],
  ): Map<string | null, Step[]> {
    const groups = new Map<string | null, Step[]>();
    for (const { service } of this.#ledger.debtsOf(token)) groups.set(service, []);
    for (const [service, group] of groupBy(steps, (each) => each.service)) {
      groups.set(
        service,
        group.map(({ step }) => step),
      );
    }
    return groups;
  }

  /** Notes that a service will have to be told, if it is one that has to be. */
  #owe(service: string | null, steps: readonly Step[], { token }: Change): string | null {
    if (service === null || steps.length === 0 || !this.#service(service).needsActivation) return null;
    const debt = randomBytes(6).toString("hex");
    this.context.ledgerFile.note([["owe", service, debt, token]]);
    return debt;
  }

  /** What has to be made so that a server has a certificate at all. */
  async #placeholderFiles({ change, errors }: Work, { facts }: Found): Promise<readonly DesiredFile[]> {
    const files: DesiredFile[] = [];
    for (const placeholder of change.placeholders) {
      try {
        if (await this.#isWanted(placeholder)) files.push(...(await missingFiles(placeholder, facts)));
      } catch (error) {
        if (!(error instanceof MailSniError)) throw error;
        const { path } = placeholder;
        errors.push({ summary: `${path} cannot be made`, detail: error.message, path });
      }
    }
    return files;
  }

  async #isWanted({ configuration, service }: Placeholder): Promise<boolean> {
    return configuration === null || (await this.#service(service).namesDefaultCertificate()) === false;
  }

  /** Independent resources have no order: an engine may delete the old owner of a path before it creates the new one. */
  #interrupted(change: Change): Problem[] {
    const [path, ...others] = claimedPaths(change).filter((claimed) =>
      this.context.memory.removed.delete(claimed),
    );
    if (path === undefined) return [];
    const all = others.length > 0 ? `${path} and ${others.length} more` : path;
    return [
      {
        summary: `${path} was missing for a moment`,
        detail:
          `The resource that declared ${all} before was deleted first, and this one has written it anew. Until then ` +
          "clients were shown the default certificate. A `moved` block spares that where only the address has changed.",
        path,
      },
    ];
  }

  async #commit(): Promise<void> {
    const parts = this.#alive.flatMap((work) => work.parts).filter(({ failed }) => !failed);
    const indebted = this.#ledger.debts.map(({ service }) => service);
    // In the order in which the host declares them; a service that it does not declare has files, and no commands.
    const services = new Set([...this.context.host.services.keys(), ...parts.map(({ service }) => service)]);
    for (const name of services) {
      const own = parts.filter(({ service }) => service === name);
      if (own.length > 0 || indebted.includes(name ?? "")) await this.#commitOf(name).run(own);
    }
  }

  #commitOf(service: string | null): Commit {
    const end = this.#start + this.context.patience.attempts * 1000;
    return new Commit(this.#service(service), {
      ...this.context,
      swap: this.#swap,
      hasTime: () => Date.now() < end,
      warn: (problem) => this.#warn(problem),
    });
  }

  /** Said once, not once for each of a thousand domains. */
  #warn(problem: Problem): void {
    if (this.context.memory.said.has(problem.summary)) return;
    this.context.memory.said.add(problem.summary);
    this.#works[0].warnings.push(problem);
  }

  /** A create that fails leaves the host as it was, and that with every service. */
  async #undoFailedCreates(): Promise<void> {
    const failed = this.#works.filter((work) => work.failed && work.change.kind === "create");
    const committed = failed.flatMap((work) => work.parts).filter(({ done }) => done.length > 0);
    for (const [service, parts] of groupBy(committed, (part) => part.service)) {
      await this.#commitOf(service).takeBack(parts);
    }
    if (this.#found) await this.#staging.undo(failed, this.#alive, this.#found.facts);
  }

  async #finish(): Promise<void> {
    // First what failed: a path that comes back to a resource which is deleted in this very batch is to be released.
    for (const work of this.#works) if (work.failed) this.context.ledgerFile.note(this.#givenBack(work));
    for (const work of this.#alive) this.context.ledgerFile.note(this.#released(work));
    await this.#discard();
    await this.#sweep();
    this.context.ledgerFile.note([["closed"]]);
    for (const work of this.#works) work.pending = pendingActivations(this.#ledger, work.change.token);
    this.#remember();
    await this.#writeLedger();
  }

  /** Paths that a failed change claimed and did not get. */
  #givenBack(work: Work): LedgerEntry[] {
    const failed = work.parts.filter((part) => part.failed);
    const lost = new Set(failed.flatMap(({ steps }) => steps.map(({ path }) => path)));
    const keepsOthers = work.change.kind === "update" && failed.length > 0;
    return [...work.previousOwners]
      .filter(([path]) => !keepsOthers || lost.has(path))
      .map(([path, owner]) =>
        owner ? ["claim", owner.stack, owner.token, path] : ["release", work.change.token, path],
      );
  }

  /** Paths that the resource had and no longer declares. */
  #released(work: Work): LedgerEntry[] {
    const declared = new Set(claimedPaths(work.change));
    const { token } = work.change;
    return [...this.#ledger.pathsOf(token)]
      .filter((path) => !declared.has(path))
      .map((path) => ["release", token, path] as const);
  }

  /** Staged files that were not needed, and previous versions that are not any more. */
  async #discard(): Promise<void> {
    const steps = this.#works.flatMap(({ parts }) => parts).flatMap((part) => part.steps);
    const linked = this.#works.flatMap(({ decision }) => decision?.linkedDirectories ?? []);
    const names = [...steps.filter((step) => !isDirect(step)).map(({ path }) => path), ...linked]
      .filter((path) => !this.#swap.stuck.has(path))
      .flatMap((path) => [stagedPath(path), previousPath(path)]);
    if (names.length === 0) return;
    await this.context.session.call("discard", ...names.map((path) => onHost(this.context.host, path)));
  }

  /** Directories that we made, that nobody declares, and in which nothing is left. */
  async #sweep(): Promise<void> {
    const left = this.#works.flatMap(({ change, decision, failed }) => [
      ...change.removals.map(({ path }) => path),
      ...(failed ? (decision?.missingDirectories ?? []) : []),
    ]);
    const directories = [...new Set(left.flatMap((path) => [path, ...ancestors(path)]))]
      .filter((path) => this.#ledger.madeDirectory(path) && !this.#ledger.owner(path))
      .sort((one, other) => other.length - one.length);
    if (directories.length === 0) return;
    const { output } = await this.context.session.call(
      "remove_directories",
      ...directories.map((path) => onHost(this.context.host, path)),
    );
    const removed = new Set(output.split("\n"));
    this.context.ledgerFile.note(
      directories
        .filter((path) => removed.has(onHost(this.context.host, path)))
        .map((path) => ["removed", path] as const),
    );
  }

  #remember(): void {
    for (const { done } of this.#works.flatMap(({ parts }) => parts)) {
      for (const step of done) if (step.do === "remove") this.context.memory.removed.add(step.path);
    }
  }

  /** By now everything else has been done: a ledger that cannot be written makes the next run do some of it again. */
  async #writeLedger(): Promise<void> {
    try {
      await this.context.ledgerFile.flush(this.context.session);
      await this.context.ledgerFile.compact(this.context.session);
    } catch (error) {
      if (!(error instanceof LedgerUnusable)) throw error;
      this.#warn({
        summary: `What was done on host "${this.context.host.name}" could not be noted there`,
        detail: `${error.message}. The files are as reported. The next run will repeat what it cannot know was done.`,
      });
    }
  }

  #interruption(error: unknown): Problem {
    if (error instanceof LedgerUnusable) {
      return {
        summary: `Nothing can be noted on host "${this.context.host.name}"`,
        detail: `${error.message}. Without that note nothing is changed there.`,
      };
    }
    if (error instanceof SessionLost) {
      return {
        summary: `Host "${this.context.host.name}" was lost in the middle of a change`,
        detail:
          `${lastLines(error.message)}. Each file there is whole, the old one or the new one; what its services have ` +
          "not been told yet is noted on the host. Apply again to finish.",
      };
    }
    throw error;
  }
}
