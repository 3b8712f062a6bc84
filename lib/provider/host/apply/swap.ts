import { posix } from "node:path";
import { complaint } from "../../../shared/transport/complaint";
import { onHost } from "../../../shared/transport/connection-settings";
import { previousPath, stagedPath } from "../../../shared/transport/paths";
import type { Call, Session } from "../../../shared/transport/session";
import { FILE } from "../../messages/files";
import type { Problem } from "../desired/change";
import type { HostSettings } from "../desired/host-settings";
import { lookAt } from "../record/facts";
import type { Step } from "./decision";
import { fitsArchive, linkArchive, type NewName } from "./link-archive";
import type { SafeDirectories } from "./safe-directories";
import type { Part } from "./work";

/** Swaps staged files, links and removals in, and undoes that. */
export class Swap {
  /** Paths whose previous version could not be restored and is still beside them. */
  readonly stuck = new Set<string>();

  constructor(
    private readonly session: Session,
    private readonly host: HostSettings,
    private readonly safe: SafeDirectories,
  ) {}

  /**
   * Performs all steps of parts, those after a failed one too. Returns each part with a failed step, and the
   * problem of the first.
   */
  async take(parts: readonly Part[], select: (part: Part) => readonly Step[]): Promise<Map<Part, Problem>> {
    const tasks = parts.flatMap((part) => select(part).map((step) => ({ part, step })));
    const appeared = new Set(await this.#appear(tasks.map(({ step }) => step)));
    const others = tasks.filter(({ step }) => !appeared.has(step));
    const answers = await this.session.roundFor(others, ({ step }) => this.#call(step));
    for (const { part, step } of tasks) if (appeared.has(step)) part.done.push(step);
    const problems = new Map<Part, Problem>();
    for (const [{ part, step }, { status, output }] of answers) {
      if (status === 0) part.done.push(step);
      else if (!problems.has(part)) problems.set(part, this.#notTaken(step, output));
    }
    return problems;
  }

  /** Performs the steps that replace nothing, all with one process. @returns the steps that are done */
  async #appear(steps: readonly Step[]): Promise<Step[]> {
    const names = steps.flatMap((step) => this.#newName(step) ?? []);
    // For up to three steps, one process each is cheaper than unpacking an archive.
    if (names.length <= 3) return [];
    const archive = linkArchive(names.map(({ name }) => name)).toString("base64");
    const pairs = names.flatMap(({ step, staged }) => [onHost(this.host, step.path), staged]);
    const links = names.filter(({ step }) => step.do === "link").map(({ step }) => step.path);
    const [{ output }, facts] = await Promise.all([
      this.session.call("appear", this.host.root, archive, ...pairs),
      lookAt(this.session, this.host, links),
    ]);
    const missing = new Set(output.split("\n").filter(Boolean).map(Number));
    return names
      .filter((_, index) => !missing.has(index))
      .map(({ step }) => step)
      .filter((step) => step.do !== "link" || facts.get(step.path)?.target === step.target);
  }

  #newName(step: Step): { step: Step; name: NewName; staged: string } | undefined {
    if (step.do === "remove" || step.replaces || !this.safe.has(posix.dirname(step.path))) return undefined;
    const path = posix.relative("/", step.path);
    const staged = step.do === "put" ? stagedPath(step.path) : "";
    const link: NewName["link"] =
      step.do === "put"
        ? { kind: "hard", of: posix.relative("/", staged) }
        : { kind: "symbolic", target: step.target };
    const name = { path, link };
    return fitsArchive(name) ? { step, name, staged: staged && onHost(this.host, staged) } : undefined;
  }

  /** Restores everything; files that were swapped in are staged again. */
  async undo(parts: readonly Part[]): Promise<void> {
    const tasks = parts.flatMap((part) => [...part.done].reverse().map((step) => ({ part, step })));
    for (const part of parts) part.done.length = 0;
    const answers = await this.session.roundFor(tasks, ({ step }) => this.#undoCall(step));
    for (const [{ part, step }, { status, output }] of answers) {
      if (status === 0) continue;
      this.stuck.add(step.path);
      part.fail(this.#notPutBack(step, output));
    }
  }

  #call(step: Step): Call {
    const target = onHost(this.host, step.path);
    if (step.do === "link" && !step.replaces) return ["link_in", target, step.target];
    const previous = onHost(this.host, previousPath(step.path));
    if (step.do === "remove") return ["take_away", target, previous];
    return ["swap_in", onHost(this.host, stagedPath(step.path)), target, previous];
  }

  #undoCall(step: Step): Call {
    const waits = step.do === "remove" || isDirect(step) ? "" : onHost(this.host, stagedPath(step.path));
    return ["put_back", onHost(this.host, step.path), onHost(this.host, previousPath(step.path)), waits];
  }

  #notTaken(step: Step, output: string): Problem {
    return {
      summary: step.do === "remove" ? FILE.cannotBeRemoved(step.path) : FILE.cannotBeReplaced(step.path),
      detail: `On host "${this.host.name}": ${complaint(output)}. The previous files were restored.`,
      path: step.path,
    };
  }

  #notPutBack({ path }: Step, output: string): Problem {
    return {
      summary: FILE.notPutBack(path),
      detail:
        `On host "${this.host.name}": ${complaint(output)}. The previous version, if there was one, is in ` +
        `${previousPath(path)} now: move it back by hand.`,
      path,
    };
  }
}

/** Whether the step creates its link directly: where nothing exists, a link needs no staged name. */
export function isDirect(step: Step): boolean {
  return step.do === "link" && !step.replaces;
}
