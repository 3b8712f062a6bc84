import { randomBytes } from "node:crypto";
import { MailSniError } from "../../../shared/errors";
import { groupBy } from "../../../shared/grouping";
import { sha256 } from "../../../shared/sha256";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { ancestors } from "../../../shared/transport/paths";
import { FILE } from "../../messages/files";
import type { Change, DesiredFile, Placeholder, Problem } from "../desired/change";
import { directoriesWithAcl, type Facts, lookAt } from "../record/facts";
import type { Ledger } from "../record/ledger";
import type { LedgerEntry } from "../record/ledger-line";
import { thisMachine } from "../record/this-machine";
import { serviceNamed } from "../services/service";
import { claimedPaths, decide, type Found, pathsToLookAt, type Step } from "./decision";
import { obstacles } from "./obstacles";
import { missingFiles } from "./placeholder";
import { SafeDirectories } from "./safe-directories";
import { pathsInWork } from "./temporary-files";
import type { TransactionContext } from "./transaction-context";
import { Part, type Work } from "./work";

/** How old the ledger's time of a state's last change may be before it is updated. */
const RECENT_MS = 60_000;

/** Decides the steps on a host, and records them in the ledger. The ledger has to reach the disk before the swap. */
export class WriteAhead {
  constructor(private readonly context: TransactionContext) {}

  /** @returns the facts about the host, and its safe directories @throws {LedgerUnusable} */
  async run(works: readonly Work[]): Promise<{ readonly found: Found; readonly safe: SafeDirectories }> {
    this.#takeOver(works);
    const { found, safe } = await this.#look(works);
    for (const work of works) keepFacts(work, found);
    for (const work of works) work.errors.push(...this.#obstacles(work, found));
    const possible = works.filter(({ failed }) => !failed);
    this.#noteStates(possible);
    // All claims come before any decision: one change may take over a path that another gives up.
    for (const work of possible) this.#claim(work);
    for (const work of possible) await this.#plan(work, found);
    const { ledgerFile, session } = this.context;
    // Staging already replaces links to directories, so the ledger is needed before it.
    if (possible.some(({ decision }) => decision?.linkedDirectories.length)) await ledgerFile.flush(session);
    else await ledgerFile.flushLazily(session);
    return { found, safe };
  }

  get #ledger(): Ledger {
    return this.context.ledgerFile.ledger;
  }

  #note(entries: readonly LedgerEntry[]): void {
    this.context.ledgerFile.note(entries);
  }

  async #look(works: readonly Work[]): Promise<{ found: Found; safe: SafeDirectories }> {
    const { session, host } = this.context;
    const paths = works.flatMap(({ change }) => pathsToLookAt(change));
    const directories = ["/", ...paths.flatMap(ancestors)];
    const [facts, acls] = await Promise.all([
      lookAt(session, host, ["/", host.stateDirectory, ...paths]),
      directoriesWithAcl(session, host, directories),
    ]);
    const unowned = new Set(paths.filter((path) => !this.#ledger.owner(path)));
    const declared = works.flatMap(({ change }) => change.directories);
    return {
      found: { facts, unowned, ledger: this.#ledger, applyOwnership: host.applyOwnership },
      safe: new SafeDirectories(facts, acls, new Set(["0", ownUid(host, facts)]), declared),
    };
  }

  /** Marks the states that the user has declared lost: all their files can be taken over. */
  #takeOver(works: readonly Work[]): void {
    const lost = new Set(works.flatMap(({ change }) => [...change.takesOver]));
    for (const { change } of works) if (change.state !== null) lost.delete(change.state);
    const known = [...lost].flatMap((id) => this.#ledger.state(id) ?? []);
    this.#note(known.filter(({ standing }) => standing !== "lost").map(({ id }) => ["lost", id] as const));
  }

  #obstacles({ change }: Work, found: Found): Problem[] {
    const { name } = this.context.host;
    return obstacles(change, found).map((problem) => ({
      ...problem,
      detail: `On host "${name}": ${problem.detail}`,
    }));
  }

  /** Records the states that change this host, and their resources, for the message to other states that claim the same paths. */
  #noteStates(works: readonly Work[]): void {
    for (const [state, group] of groupBy(works, ({ change }) => change.state)) {
      if (state === null) continue;
      const isKept = group.some(({ change }) => change.stateIsSaved);
      this.#note(this.#writes(state, group[0].change.stack, isKept ? "kept" : "begun"));
      const news = group
        .map(({ change }) => change.token)
        .filter((token) => this.#ledger.stateOf(token) !== state);
      this.#note(news.map((token) => ["member", state, token] as const));
    }
  }

  /** The entry that a state changes the host; none if the ledger has one of the last minute. */
  #writes(state: string, stack: string, standing: "begun" | "kept"): LedgerEntry[] {
    const now = new Date();
    const machine = thisMachine();
    const known = this.#ledger.state(state);
    const isRecent = Math.abs(+now - Date.parse(known?.wroteAt ?? "")) < RECENT_MS;
    const isSame = known?.machine === machine && known.stack === stack;
    if (isRecent && isSame && (known.standing === "kept" || known.standing === standing)) return [];
    if (standing === "begun" && (known?.standing ?? "begun") === "begun")
      this.context.memory.begun.add(state);
    return [[standing, state, stack, rfc3339(now), machine]];
  }

  #claim(work: Work): void {
    const { stack, token } = work.change;
    const claimed = claimedPaths(work.change).filter((path) => {
      const owner = this.#ledger.owner(path);
      return owner?.token !== token || owner.stack !== stack;
    });
    for (const path of claimed) {
      const use = this.#ledger.use(path);
      work.previousOwners.set(path, this.#ledger.owner(path));
      if (use) work.previousUses.set(path, use);
    }
    this.#note(claimed.map((path) => ["claim", stack, token, path] as const));
  }

  async #plan(work: Work, found: Found): Promise<void> {
    const { change } = work;
    const placeholders = await this.#placeholderFiles(work, found);
    if (work.failed) return;
    const decision = decide(change, found, placeholders);
    work.decision = decision;
    work.warnings.push(...decision.warnings, ...this.#removedBefore(change));
    for (const [service, steps] of this.#stepsByService(change, decision.steps)) {
      work.parts.push(new Part(work, service, steps, this.#notePending(service, steps, change)));
    }
    this.#note(pathsInWork([work]).map((path) => ["stage", path] as const));
    this.#note(placeholders.map(({ path, contents }) => ["placeholder", sha256(contents), path] as const));
    // A directory that replaces a link was made by the provider, too.
    const made = [...decision.missingDirectories, ...decision.linkedDirectories].filter(
      (path) => !this.#ledger.madeDirectory(path),
    );
    this.#note(made.map((path) => ["directory", path] as const));
  }

  /** The steps for each service. A service with a pending activation of an earlier run is included without steps. */
  #stepsByService(
    { token, files, asksServices }: Change,
    steps: readonly { readonly service: string | null; readonly step: Step }[],
  ): Map<string | null, readonly Step[]> {
    const groups = new Map<string | null, readonly Step[]>();
    for (const { service } of this.#ledger.pendingActivationsOf(token)) groups.set(service, []);
    if (asksServices) for (const { service } of files) if (service !== null) groups.set(service, []);
    for (const [service, group] of groupBy(steps, (each) => each.service)) {
      groups.set(
        service,
        group.map(({ step }) => step),
      );
    }
    return groups;
  }

  /** Records a pending activation, if the service needs one. @returns its id */
  #notePending(service: string | null, steps: readonly Step[], { token }: Change): string | null {
    if (service === null || steps.length === 0) return null;
    if (!serviceNamed(service, this.context).needsActivation) return null;
    const activationId = randomBytes(6).toString("hex");
    this.#note([["owe", service, activationId, token]]);
    return activationId;
  }

  /** The missing placeholder files, for servers that do not start without a certificate. */
  async #placeholderFiles({ change, errors }: Work, { facts }: Found): Promise<readonly DesiredFile[]> {
    const files: DesiredFile[] = [];
    for (const placeholder of change.placeholders) {
      try {
        if (await this.#isWanted(placeholder)) files.push(...(await missingFiles(placeholder, facts)));
      } catch (error) {
        if (!(error instanceof MailSniError)) throw error;
        const { path } = placeholder;
        errors.push({ summary: FILE.cannotBeMade(path), detail: error.message, path });
      }
    }
    return files;
  }

  async #isWanted({ configuration, service }: Placeholder): Promise<boolean> {
    if (configuration === null) return true;
    return (await serviceNamed(service, this.context).namesDefaultCertificate()) === false;
  }

  /** Warns of paths that this process has removed and writes again: an engine may delete their old owner first. */
  #removedBefore(change: Change): Problem[] {
    const { removed } = this.context.memory;
    const [path, ...others] = claimedPaths(change).filter((claimed) => removed.delete(claimed));
    if (path === undefined) return [];
    const all = others.length > 0 ? `${path} and ${others.length} more` : path;
    return [
      {
        summary: FILE.wasMissing(path),
        detail:
          `The resource that declared ${all} before was deleted first; this one then wrote it again. In between, ` +
          "clients got the default certificate. A `moved` block avoids that where only the address has changed.",
        path,
      },
    ];
  }
}

/** The session's user, or root: only these may own the state directory, or the lock is refused. */
function ownUid({ stateDirectory }: { readonly stateDirectory: string }, facts: Facts): string {
  return facts.get(stateDirectory)?.uid ?? "0";
}

function keepFacts({ change, facts }: Work, found: Found): void {
  for (const path of claimedPaths(change)) {
    const fact = found.facts.get(path);
    if (fact) facts.set(path, fact);
  }
}
