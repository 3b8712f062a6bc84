import { posix } from "node:path";
import type { DesiredDirectory, DesiredFile, Problem } from "./change";
import { isOwnedAsWanted, type Step, sha256 } from "./decision";
import { type Facts, lookAt } from "./facts";
import { previousPath, stagedPath } from "./paths";
import { lastLines } from "./service";
import type { Answer, Call, Session } from "./session";
import type { HostSettings } from "./settings";
import type { Part, Work } from "./work";

type PutStep = Extract<Step, { do: "put" }>;

/** Makes directories and writes every file beside its target, so that all that is left are renames. */
export class Staging {
  constructor(
    private readonly session: Session,
    private readonly host: HostSettings,
  ) {}

  /** What fails is added to the errors of the work or the part that wanted it. */
  async run(works: readonly Work[]): Promise<void> {
    await this.#prepareDirectories(works);
    const parts = works.filter(({ failed }) => !failed).flatMap((work) => work.parts);
    await this.#write(parts);
    await this.#verify(parts.filter(({ failed }) => !failed));
  }

  #at(path: string): string {
    return posix.join(this.host.root, path);
  }

  async #prepareDirectories(works: readonly Work[]): Promise<void> {
    const tasks = works.flatMap((work) => this.#directoryCalls(work).map((call) => ({ work, call })));
    const answers = await this.session.round(tasks.map(({ call }) => call));
    answers.forEach(({ status, output }, index) => {
      if (status === 0) return;
      tasks[index].work.errors.push({
        summary: "A directory cannot be prepared",
        detail: `On host "${this.host.name}": ${lastLines(output)}. Nothing of this resource has been changed there.`,
      });
    });
  }

  #directoryCalls({ decision }: Work): Call[] {
    if (!decision) return [];
    const missing = decision.missingDirectories.map((path) => this.#at(path));
    return [
      ...decision.linkedDirectories.map(
        (path): Call => ["replace_link", this.#at(path), this.#at(previousPath(path))],
      ),
      ...(missing.length > 0 ? [["make_directories", ...missing] as Call] : []),
      ...decision.wrongDirectories.flatMap((directory) => this.#correct(directory)),
    ];
  }

  #correct({ path, mode, owner, group }: DesiredDirectory): Call[] {
    const calls: Call[] = [["set_mode", mode, this.#at(path)]];
    if (this.host.applyOwnership && (owner || group)) {
      calls.push(["own", `${owner ?? ""}:${group ?? ""}`, this.#at(path)]);
    }
    return calls;
  }

  async #write(parts: readonly Part[]): Promise<void> {
    const tasks = parts.flatMap((part) =>
      part.steps.flatMap((step) => this.#stageCalls(step).map((call) => ({ part, step, call }))),
    );
    const answers = await this.session.round(tasks.map(({ call }) => call));
    answers.forEach((answer, index) => {
      const { part, step } = tasks[index];
      if (answer.status !== 0) this.#reject(part, step, lastLines(answer.output));
    });
  }

  #stageCalls(step: Step): Call[] {
    const staged = this.#at(stagedPath(step.path));
    if (step.do === "link") return [["stage_link", staged, step.target]];
    if (step.do === "remove") return [];
    const mode = Number.parseInt(step.file.mode, 8);
    const write: Call = ["stage", staged, (0o777 & ~mode).toString(8), step.file.contents];
    // A file is created without these bits whatever the umask.
    return mode & 0o7111 ? [write, ["set_mode", step.file.mode, staged]] : [write];
  }

  /** What is staged is what was sent, and belongs to whom it should; then it goes to the disk. */
  async #verify(parts: readonly Part[]): Promise<void> {
    const tasks = parts.flatMap((part) =>
      part.steps
        .filter((step) => step.do === "put")
        .map((step) => ({ part, step, staged: this.#at(stagedPath(step.path)) })),
    );
    if (tasks.length === 0) return;
    const facts = await lookAt(
      this.session,
      tasks.map(({ staged }) => staged),
    );
    for (const { part, step, staged } of tasks) {
      if (facts.get(staged)?.sha256 !== sha256(step.file.contents)) {
        this.#reject(part, step, "it was not written completely. Is the disk full?");
      }
    }
    await this.#own(tasks, facts);
    await this.session.call("sync_files", ...tasks.map(({ staged }) => staged));
  }

  async #own(tasks: readonly { part: Part; step: PutStep; staged: string }[], facts: Facts): Promise<void> {
    if (!this.host.applyOwnership) return;
    const wrong = tasks.filter(({ part, step, staged }) => {
      const fact = facts.get(staged);
      return !part.failed && fact && !isOwnedAsWanted(step.file, fact);
    });
    const answers: Answer[] = await this.session.round(
      wrong.map(({ step: { file }, staged }): Call => ["own", ownership(file), staged]),
    );
    answers.forEach(({ status, output }, index) => {
      const { part, step } = wrong[index];
      if (status !== 0) {
        this.#reject(
          part,
          step,
          `${lastLines(output)}. Create the user or group on the host, or declare another one`,
        );
      }
    });
  }

  #reject(part: Part, step: Step, reason: string): void {
    if (part.failed) return;
    part.fail(notWritten(this.host, step.path, reason));
  }
}

function ownership({ owner, group }: DesiredFile): string {
  return `${owner ?? ""}${group === null ? "" : `:${group}`}`;
}

function notWritten(host: HostSettings, path: string, reason: string): Problem {
  return {
    summary: `${path} cannot be written`,
    detail: `On host "${host.name}": ${reason}. What was there before is untouched.`,
    path,
  };
}
