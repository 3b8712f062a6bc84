import type { Problem } from "./change";
import type { Step } from "./decision";
import { previousPath, stagedPath } from "./paths";
import { type Call, lastLines, type Session } from "./session";
import { type HostSettings, onHost } from "./settings";
import type { Part } from "./work";

/** Takes the steps of parts, and takes them back. */
export class Swap {
  /** Paths whose previous version could not be put back, and lies beside them. */
  readonly stuck = new Set<string>();

  constructor(
    private readonly session: Session,
    private readonly host: HostSettings,
  ) {}

  /** Each part with its first step that could not be taken; those after it have been tried all the same. */
  async take(parts: readonly Part[], select: (part: Part) => readonly Step[]): Promise<Map<Part, Problem>> {
    const tasks = parts.flatMap((part) => select(part).map((step) => ({ part, step })));
    const answers = await this.session.round(tasks.map(({ step }) => this.#call(step)));
    const problems = new Map<Part, Problem>();
    answers.forEach(({ status, output }, index) => {
      const { part, step } = tasks[index];
      if (status === 0) part.done.push(step);
      else if (!problems.has(part)) problems.set(part, this.#notTaken(step, output));
    });
    return problems;
  }

  /** Puts everything back as it was; what was swapped in waits as staged again. */
  async undo(parts: readonly Part[]): Promise<void> {
    const tasks = parts.flatMap((part) => [...part.done].reverse().map((step) => ({ part, step })));
    for (const part of parts) part.done.length = 0;
    const answers = await this.session.round(tasks.map(({ step }) => this.#undoCall(step)));
    answers.forEach(({ status, output }, index) => {
      if (status === 0) return;
      const { part, step } = tasks[index];
      this.stuck.add(step.path);
      part.fail(this.#notPutBack(step, output));
    });
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
      summary: `${step.path} cannot be ${step.do === "remove" ? "removed" : "replaced"}`,
      detail: `On host "${this.host.name}": ${lastLines(output)}. What was there before is back in place.`,
      path: step.path,
    };
  }

  #notPutBack({ path }: Step, output: string): Problem {
    return {
      summary: `${path} could not be put back`,
      detail:
        `On host "${this.host.name}": ${lastLines(output)}. What was there before, if anything was, is in ` +
        `${previousPath(path)} now: move it back by hand.`,
      path,
    };
  }
}

/** A link where nothing is appears whole: it needs no other name first. */
export function isDirect(step: Step): boolean {
  return step.do === "link" && !step.replaces;
}
