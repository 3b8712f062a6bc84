import { randomBytes } from "node:crypto";
import { posix } from "node:path";
import type { Change, ChangeResult, Placeholder, Problem } from "./change";
import { Commit } from "./commit";
import {
  claimedPaths,
  decide,
  type Found,
  obstacles,
  pathsToLookAt,
  type ServiceStep,
  type Step,
} from "./decision";
import { type Facts, lookAt } from "./facts";
import type { Ledger, LedgerEntry } from "./ledger";
import { type LedgerFile, LedgerUnusable } from "./ledger-file";
import { ancestors, previousPath, stagedPath } from "./paths";
import { placeholderPem } from "./placeholder";
import { lastLines, Service } from "./service";
import { type Call, type Session, SessionLost } from "./session";
import { type HostSettings, withoutCommands } from "./settings";
import { Staging } from "./staging";
import { Swap } from "./swap";
import { Part, Work } from "./work";

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

  constructor(
    private readonly session: Session,
    private readonly host: HostSettings,
    private readonly ledgerFile: LedgerFile,
    changes: readonly Change[],
  ) {
    this.#works = changes.map((change) => new Work(change));
    this.#swap = new Swap(session, host);
  }

  /** What became of each change, in their order. */
  async run(): Promise<ChangeResult[]> {
    try {
      await this.#clearLeftovers();
      await this.#announce(await this.#look());
      await new Staging(this.session, this.host).run(this.#alive);
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
    return this.ledgerFile.ledger;
  }

  get #alive(): Work[] {
    return this.#works.filter(({ failed }) => !failed);
  }

  #at(path: string): string {
    return posix.join(this.host.root, path);
  }

  #service(name: string | null): Service {
    const settings = name === null ? undefined : this.host.services.get(name);
    const usable = settings && this.host.applyOwnership ? settings : withoutCommands(name ?? "");
    return new Service(usable, this.host, this.session);
  }

  /** A run that was killed leaves staged files and previous versions beside files that are old or new. */
  async #clearLeftovers(): Promise<void> {
    const { unfinished } = this.#ledger;
    if (unfinished.length === 0) return;
    const names = unfinished.flatMap((path) => [stagedPath(path), previousPath(path)]);
    await this.session.call("discard", ...names.map((path) => this.#at(path)));
    this.ledgerFile.note([["closed"]]);
  }

  async #look(): Promise<Found> {
    const paths = this.#works.flatMap(({ change }) => pathsToLookAt(change));
    const facts = await lookBelow(this.session, this.host, paths);
    const unowned = new Set(paths.filter((path) => !this.#ledger.owner(path)));
    return { facts, unowned, ledger: this.#ledger, applyOwnership: this.host.applyOwnership };
  }

  /** Decides what to do, and has it in the ledger before anything is moved. */
  async #announce(found: Found): Promise<void> {
    for (const work of this.#works) {
      if (work.change.kind !== "delete") work.errors.push(...obstacles(work.change, found));
    }
    // All claims come before any decision: what one change gives up may be what another takes over.
    for (const work of this.#alive) this.#claim(work);
    for (const work of this.#alive) await this.#plan(work, found);
    await this.ledgerFile.flush(this.session);
  }

  #claim(work: Work): void {
    const { stack, token } = work.change;
    const claimed = claimedPaths(work.change).filter((path) => this.#ledger.owner(path)?.token !== token);
    for (const path of claimed) work.previousOwners.set(path, this.#ledger.owner(path));
    this.ledgerFile.note(claimed.map((path) => ["claim", stack, token, path] as const));
  }

  async #plan(work: Work, found: Found): Promise<void> {
    const decision = decide(work.change, found);
    const placeholders = await this.#placeholderSteps(work.change.placeholders, found.facts);
    const { stack, token } = work.change;
    // Claimed only so that whoever takes it over is not told that somebody unknown had written it.
    this.ledgerFile.note(placeholders.map(({ step: { path } }) => ["claim", stack, token, path] as const));
    work.decision = decision;
    work.warnings.push(...decision.warnings);
    for (const [service, steps] of stepsByService([...decision.steps, ...placeholders])) {
      const debt = this.#owe(service, work.change);
      work.parts.push(new Part(work, service, steps, debt));
      this.ledgerFile.note(steps.map(({ path }) => ["stage", path] as const));
    }
    const made = decision.missingDirectories.filter((path) => !this.#ledger.madeDirectory(path));
    this.ledgerFile.note(made.map((path) => ["directory", path] as const));
    this.ledgerFile.note(decision.linkedDirectories.map((path) => ["stage", path] as const));
  }

  /** Notes that a service will have to be told, if it is one that has to be. */
  #owe(service: string | null, { token }: Change): string | null {
    if (service === null || !this.#service(service).needsActivation) return null;
    const debt = randomBytes(6).toString("hex");
    this.ledgerFile.note([["owe", service, debt, token]]);
    return debt;
  }

  /** What has to be made so that a server has a certificate at all. */
  async #placeholderSteps(placeholders: readonly Placeholder[], facts: Facts): Promise<ServiceStep[]> {
    const steps: ServiceStep[] = [];
    for (const placeholder of placeholders) {
      if (await this.#isWanted(placeholder)) steps.push(...(await placeholderSteps(placeholder, facts)));
    }
    return steps;
  }

  async #isWanted({ configuration, service }: Placeholder): Promise<boolean> {
    return configuration === null || (await this.#service(service).namesDefaultCertificate()) === false;
  }

  async #commit(): Promise<void> {
    const parts = this.#alive.flatMap((work) => work.parts).filter(({ failed }) => !failed);
    const indebted = this.#ledger.debts.map(({ service }) => service);
    // In the order in which the host declares them; a service that it does not declare has files, and no commands.
    const services = new Set([...this.host.services.keys(), ...parts.map(({ service }) => service)]);
    for (const name of services) {
      if (!indebted.includes(name ?? "") && parts.every(({ service }) => service !== name)) continue;
      const warn = (problem: Problem) => this.#warn(problem);
      const commit = new Commit(this.#service(name), this.#swap, this.ledgerFile, warn);
      await commit.run(parts.filter(({ service, failed }) => service === name && !failed));
    }
  }

  /** Said once, not once for each of a thousand domains. */
  #warn(problem: Problem): void {
    const works = this.#works.filter(({ warnings }) =>
      warnings.some(({ summary }) => summary === problem.summary),
    );
    if (works.length === 0) this.#works[0].warnings.push(problem);
  }

  /** A create that fails leaves the host as it was, and that with every service. */
  async #undoFailedCreates(): Promise<void> {
    const failed = this.#works.filter((work) => work.failed && work.change.kind === "create");
    const committed = failed.flatMap((work) => work.parts).filter(({ done }) => done.length > 0);
    const told = committed.filter(({ service, work }) => this.#owe(service, work.change) !== null);
    await this.ledgerFile.flush(this.session);
    await this.#swap.undo(committed);
    await this.#undoDirectories(failed);
    for (const name of new Set(told.map(({ service }) => service))) {
      const commit = new Commit(this.#service(name), this.#swap, this.ledgerFile, (problem) =>
        this.#warn(problem),
      );
      await commit.run([]);
    }
  }

  async #undoDirectories(works: readonly Work[]): Promise<void> {
    const linked = works.flatMap(({ decision }) => decision?.linkedDirectories ?? []);
    await this.session.round(
      linked.flatMap((path): Call[] => [
        ["remove_directories", this.#at(path)],
        ["put_back", this.#at(path), this.#at(previousPath(path)), ""],
      ]),
    );
  }

  async #finish(): Promise<void> {
    for (const work of this.#works)
      this.ledgerFile.note(work.failed ? this.#givenBack(work) : this.#released(work));
    await this.#discard();
    await this.#sweep();
    this.ledgerFile.note([["closed"]]);
    await this.ledgerFile.flush(this.session);
    await this.ledgerFile.compact(this.session);
    for (const work of this.#works) work.pending = pendingActivations(this.#ledger, work.change.token);
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
    const names = [...steps.map(({ path }) => path), ...linked].flatMap((path) => [
      stagedPath(path),
      previousPath(path),
    ]);
    if (names.length > 0) await this.session.call("discard", ...names.map((path) => this.#at(path)));
  }

  /** Directories that we made, that nobody declares, and in which nothing is left. */
  async #sweep(): Promise<void> {
    const gone = this.#works.flatMap(({ parts, change, decision, failed }) => [
      ...parts.flatMap(({ steps }) => steps.filter((step) => step.do === "remove").map(({ path }) => path)),
      ...change.removals.map(({ path }) => path),
      ...(failed ? (decision?.missingDirectories ?? []).map((path) => posix.join(path, "x")) : []),
    ]);
    const directories = [...new Set(gone.flatMap((path) => [path, ...ancestors(path)]))]
      .filter((path) => this.#ledger.madeDirectory(path) && !this.#ledger.owner(path))
      .sort((one, other) => other.length - one.length);
    if (directories.length === 0) return;
    const { output } = await this.session.call(
      "remove_directories",
      ...directories.map((path) => this.#at(path)),
    );
    const removed = new Set(output.split("\n"));
    this.ledgerFile.note(
      directories.filter((path) => removed.has(this.#at(path))).map((path) => ["removed", path] as const),
    );
  }

  #interruption(error: unknown): Problem {
    if (error instanceof LedgerUnusable) {
      return {
        summary: `Nothing can be noted on host "${this.host.name}"`,
        detail: `${error.message}. Without that note nothing is changed there.`,
      };
    }
    if (error instanceof SessionLost) {
      return {
        summary: `Host "${this.host.name}" was lost in the middle of a change`,
        detail:
          `${lastLines(error.message)}. Each file there is whole, the old one or the new one; what its services have ` +
          "not been told yet is noted on the host. Apply again to finish.",
      };
    }
    throw error;
  }
}

function stepsByService(steps: readonly ServiceStep[]): Map<string | null, Step[]> {
  const groups = new Map<string | null, Step[]>();
  for (const { service, step } of steps) groups.set(service, [...(groups.get(service) ?? []), step]);
  return groups;
}

async function placeholderSteps(placeholder: Placeholder, facts: Facts): Promise<ServiceStep[]> {
  const { path, names, mode, owner, group, service, configuration } = placeholder;
  const steps: ServiceStep[] = [];
  const put = (file: { path: string; contents: string; secret: boolean; mode: string }) =>
    steps.push({ service, step: { do: "put", path: file.path, file: { ...file, owner, group, service } } });
  if (!facts.has(path)) put({ path, contents: await placeholderPem(names), secret: true, mode });
  if (configuration && !facts.has(configuration.path)) {
    put({ path: configuration.path, contents: configuration.text, secret: false, mode: "0644" });
  }
  return steps;
}

/** What a resource's services have not been told, in words; null where they know all. */
export function pendingActivations(ledger: Ledger, token: string): string | null {
  const services = ledger.debts.filter((owed) => owed.token === token).map(({ service }) => service);
  if (services.length === 0) return null;
  return `${[...new Set(services)].sort().join(" and ")}: files have changed and are not served yet`;
}

/** Facts by paths without `root`. */
export async function lookBelow(
  session: Session,
  { root }: { readonly root: string },
  paths: readonly string[],
): Promise<Facts> {
  const facts = await lookAt(
    session,
    paths.map((path) => posix.join(root, path)),
  );
  return new Map(
    paths.flatMap((path) => {
      const fact = facts.get(posix.join(root, path));
      return fact ? [[path, fact] as const] : [];
    }),
  );
}
