import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import { sha256 } from "../../../shared/sha256";
import { adviceOn, complaint } from "../../../shared/transport/complaint";
import { onHost } from "../../../shared/transport/connection-settings";
import { previousPath, stagedPath } from "../../../shared/transport/paths";
import type { Call, Session } from "../../../shared/transport/session";
import { FILE } from "../../messages/files";
import type { DesiredDirectory } from "../desired/change";
import type { HostSettings } from "../desired/host-settings";
import { type Facts, lookAt } from "../record/facts";
import { isOwnedAsWanted, type Step } from "./decision";
import type { SafeDirectories } from "./safe-directories";
import { isDirect } from "./swap";
import type { Part, Work } from "./work";

type PutStep = Extract<Step, { do: "put" }>;

/** A file that has been written. */
interface Staged {
  readonly part: Part;
  readonly step: PutStep;
  /** Where the file is written, without `root`: beside its target, or in a directory of the session. */
  readonly path: string;
}

type SomeStaged = readonly [Staged, ...Staged[]];

/** Creates directories and writes every file beside its target, so that the swap only renames. */
export class Staging {
  constructor(
    private readonly session: Session,
    private readonly host: HostSettings,
    private readonly safe: SafeDirectories,
  ) {}

  /**
   * Stages the files. Failures are added to the errors of their work or part.
   *
   * @returns the written files, which may not have reached the disk
   */
  async run(works: readonly Work[]): Promise<string[]> {
    await this.#prepareDirectories(works);
    const parts = works.filter(({ failed }) => !failed).flatMap((work) => work.parts);
    const staged = this.#stagedFiles(parts);
    const elsewhere = staged.filter(isElsewhere);
    await this.#openStaging(elsewhere);
    // The shell runs the calls in order, so both share a round trip.
    const [, facts] = await Promise.all([this.#write(parts, staged), this.#lookAt(staged)]);
    await this.#complete(staged.filter(isAlive), facts);
    await this.#place(elsewhere);
    return staged.filter(isAlive).map(({ step }) => onHost(this.host, stagedPath(step.path)));
  }

  #stagedFiles(parts: readonly Part[]): Staged[] {
    const directories = new Map<string, string>();
    return parts.flatMap((part) =>
      part.steps.flatMap((step) => {
        if (step.do !== "put") return [];
        const path = stagedPath(step.path);
        const directory = posix.dirname(path);
        if (this.safe.has(directory)) return [{ part, step, path }];
        const number = directories.get(directory) ?? String(directories.size);
        directories.set(directory, number);
        return [{ part, step, path: posix.join(this.#ownDirectory, number, posix.basename(path)) }];
      }),
    );
  }

  /**
   * The session's directory, for files whose own directory another user can change: they are moved there with
   * their final owner and mode.
   */
  get #ownDirectory(): string {
    return posix.join(this.host.stateDirectory, "staged");
  }

  async #openStaging(elsewhere: readonly Staged[]): Promise<void> {
    if (elsewhere.length === 0) return;
    const count = new Set(elsewhere.map(({ path }) => posix.dirname(path))).size;
    const state = onHost(this.host, this.host.stateDirectory);
    const { status, output } = await this.session.call("open_staging", state, String(count));
    if (status === 0) return;
    for (const { part, step } of elsewhere) this.#reject(part, step, complaint(output));
  }

  /** Copies files beside their targets: one call for each directory, and one for each file where that fails. */
  async #place(elsewhere: readonly Staged[]): Promise<void> {
    if (elsewhere.length === 0) return;
    const groups = groupBy(elsewhere.filter(isAlive), ({ path, step }) =>
      JSON.stringify([posix.dirname(path), step.file.group === null]),
    );
    const call = (files: SomeStaged): Call => [
      "place",
      onHost(this.host, posix.dirname(files[0].step.path)),
      files[0].step.file.group === null ? "yes" : "no",
      onHost(this.host, posix.dirname(files[0].path)),
      ...files.map(({ path }) => posix.basename(path)),
    ];
    const doubtful = await this.#doubtful([...groups.values()], call);
    const state = onHost(this.host, this.host.stateDirectory);
    // Sent together, both share a round trip.
    const [each] = await Promise.all([
      this.session.roundFor(doubtful, (file) => call([file])),
      this.session.call("close_staging", state),
    ]);
    for (const [{ part, step }, { status, output }] of each) {
      if (status !== 0) this.#reject(part, step, complaint(output));
    }
  }

  /** Restores directories for failed changes, unless another change needs them. */
  async undo(failed: readonly Work[], alive: readonly Work[], facts: Facts): Promise<void> {
    const needed = new Set(alive.flatMap(changedDirectories));
    const decisions = failed.flatMap(({ decision }) => decision ?? []);
    const wrong = decisions.flatMap((decision) => decision.wrongDirectories.map(({ path }) => path));
    const linked = decisions.flatMap(({ linkedDirectories }) => linkedDirectories);
    await this.session.round([
      ...wrong.filter((path) => !needed.has(path)).flatMap((path) => this.#asFound(path, facts)),
      ...linked
        .filter((path) => !needed.has(path))
        .map((path): Call => ["put_link_back", ...this.#versions(path)]),
    ]);
  }

  async #prepareDirectories(works: readonly Work[]): Promise<void> {
    await this.#each(works, (work) => this.#replaceLinks(work));
    await this.#makeDirectories(works);
    await this.#each(works, ({ decision }) =>
      (decision?.wrongDirectories ?? []).flatMap((directory) => this.#correct(directory)),
    );
  }

  async #each(works: readonly Work[], calls: (work: Work) => readonly Call[]): Promise<void> {
    const tasks = works.flatMap((work) => calls(work).map((call) => ({ work, call })));
    for (const [{ work }, { status, output }] of await this.session.roundFor(tasks, ({ call }) => call)) {
      if (status === 0) continue;
      work.errors.push({
        summary: FILE.directoryNotPrepared,
        detail: `On host "${this.host.name}": ${complaint(output)}. This resource has changed nothing there.`,
      });
    }
  }

  #replaceLinks({ decision }: Work): Call[] {
    return (decision?.linkedDirectories ?? []).map((directory) => {
      const reached = (decision?.steps ?? [])
        .map(({ step }) => step.path)
        .filter((path) => posix.dirname(path) === directory);
      return ["replace_link", ...this.#versions(directory), ...reached.map((path) => posix.basename(path))];
    });
  }

  /** Creates all directories with one call. If that fails, retries change by change, to find the one at fault. */
  async #makeDirectories(works: readonly Work[]): Promise<void> {
    const missing = ({ decision }: Work) =>
      (decision?.missingDirectories ?? []).map((path) => onHost(this.host, path));
    const all = [...new Set(works.flatMap(missing))];
    if (all.length === 0) return;
    const { status } = await this.session.call("make_directories", ...all);
    if (status === 0) return;
    await this.#each(works, (work) => {
      const own = missing(work);
      return own.length > 0 ? [["make_directories", ...own]] : [];
    });
  }

  #correct({ path, mode, owner, group }: DesiredDirectory): Call[] {
    const name = onHost(this.host, path);
    const calls: Call[] = [["set_directory_mode", mode, name]];
    if (this.host.applyOwnership && (owner || group)) {
      calls.unshift(["own_directory", ownership(owner, group), name]);
    }
    return calls;
  }

  #asFound(path: string, facts: Facts): Call[] {
    const fact = facts.get(path);
    if (!fact) return [];
    return this.#correct({ path, mode: fact.mode, owner: fact.uid, group: fact.gid });
  }

  #versions(path: string): [path: string, previous: string, staged: string] {
    return [
      onHost(this.host, path),
      onHost(this.host, previousPath(path)),
      onHost(this.host, stagedPath(path)),
    ];
  }

  async #write(parts: readonly Part[], staged: readonly Staged[]): Promise<void> {
    const paths = new Map<Step, string>(staged.map(({ step, path }) => [step, path]));
    const tasks = parts
      .filter(({ failed }) => !failed)
      .flatMap((part) =>
        part.steps.flatMap((step) => this.#stageCalls(step, paths).map((call) => ({ part, step, call }))),
      );
    const answers = await this.session.roundFor(tasks, ({ call }) => call);
    for (const [{ part, step }, { status, output }] of answers) {
      if (status !== 0) this.#reject(part, step, complaint(output));
    }
  }

  #stageCalls(step: Step, paths: ReadonlyMap<Step, string>): Call[] {
    const staged = onHost(this.host, paths.get(step) ?? stagedPath(step.path));
    if (step.do === "remove" || isDirect(step)) return [];
    if (step.do === "link") return [["stage_link", staged, step.target]];
    const umask = 0o777 & ~Number.parseInt(step.file.mode, 8);
    return [["stage", staged, umask.toString(8), step.file.contents]];
  }

  #lookAt(staged: readonly Staged[]): Promise<Facts> {
    return lookAt(
      this.session,
      this.host,
      staged.map(({ path }) => path),
    );
  }

  /** Verifies the contents of staged files, and sets their owners. */
  async #complete(staged: readonly Staged[], facts: Facts): Promise<void> {
    for (const { part, step, path } of staged) {
      const fact = facts.get(path);
      if (fact?.sha256 !== sha256(step.file.contents)) {
        this.#reject(part, step, "it was not written completely: the disk may be full");
      } else part.work.facts.set(step.path, fact);
    }
    await this.#own(staged.filter(isAlive), facts);
    await this.#setModes(staged.filter(isAlive), facts);
  }

  async #own(staged: readonly Staged[], facts: Facts): Promise<void> {
    if (!this.host.applyOwnership) return;
    const wrong = staged.filter(({ step, path }) => {
      const fact = facts.get(path);
      return fact && !isOwnedAsWanted(step.file, fact);
    });
    await this.#inGroups(
      wrong,
      ({ step: { file } }) => ["own", ownership(file.owner, file.group)],
      (output) =>
        adviceOn(output) === undefined
          ? `${complaint(output)}. Create the user or group on the host, or declare another one`
          : complaint(output),
    );
  }

  /** Sets modes. A file is created without execute bits, and a change of owner clears some bits. */
  async #setModes(staged: readonly Staged[], facts: Facts): Promise<void> {
    const wrong = staged.filter(({ step, path }) => facts.get(path)?.mode !== step.file.mode);
    await this.#inGroups(wrong, ({ step: { file } }) => ["set_mode", file.mode], complaint);
  }

  /** One call for all files with the same request; if that fails, one for each. */
  async #inGroups(
    staged: readonly Staged[],
    verb: (file: Staged) => [verb: string, argument: string],
    explain: (output: string) => string,
  ): Promise<void> {
    const groups = groupBy(staged, (file) => verb(file)[1]);
    const call = (files: SomeStaged): Call => [
      ...verb(files[0]),
      ...files.map(({ path }) => onHost(this.host, path)),
    ];
    const doubtful = await this.#doubtful([...groups.values()], call);
    for (const [{ part, step }, { status, output }] of await this.session.roundFor(doubtful, (file) =>
      call([file]),
    )) {
      if (status !== 0) this.#reject(part, step, explain(output));
    }
  }

  /** Makes one call for each group. @returns the files of the groups whose call failed: any of them may be at fault */
  async #doubtful(
    groups: readonly SomeStaged[],
    call: (files: SomeStaged) => Call,
  ): Promise<readonly Staged[]> {
    const answers = await this.session.roundFor(groups, call);
    return answers.flatMap(([group, { status }]) => (status === 0 ? [] : group));
  }

  #reject(part: Part, { path }: Step, reason: string): void {
    if (part.failed) return;
    part.fail({
      summary: FILE.cannotBeWritten(path),
      detail: `On host "${this.host.name}": ${reason}. The previous version is unchanged.`,
      path,
    });
  }
}

function changedDirectories({ decision }: Work): string[] {
  if (!decision) return [];
  return [...decision.wrongDirectories.map(({ path }) => path), ...decision.linkedDirectories];
}

function isElsewhere({ step, path }: Staged): boolean {
  return path !== stagedPath(step.path);
}

function isAlive({ part }: Staged): boolean {
  return !part.failed;
}

function ownership(owner: string | null, group: string | null): string {
  return `${owner ?? ""}${group === null ? "" : `:${group}`}`;
}
