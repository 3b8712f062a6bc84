import { posix } from "node:path";
import type { Problem } from "./change";
import type { Step } from "./decision";
import { previousPath, stagedPath } from "./paths";
import { lastLines } from "./service";
import type { Call, Session } from "./session";
import type { HostSettings } from "./settings";
import type { Part } from "./work";

/** Takes the steps of parts, and takes them back. */
export class Swap {
  constructor(
    private readonly session: Session,
    private readonly host: HostSettings,
  ) {}

  #at(path: string): string {
    return posix.join(this.host.root, path);
  }

  /** The first step that could not be taken; those after it have been tried all the same. */
  async take(steps: readonly { part: Part; step: Step }[]): Promise<Problem | undefined> {
    const answers = await this.session.round(steps.map(({ step }) => this.#call(step)));
    let problem: Problem | undefined;
    answers.forEach(({ status, output }, index) => {
      const { part, step } = steps[index];
      if (status === 0) part.done.push(step);
      else problem ??= this.#problem(step, output);
    });
    return problem;
  }

  /** Puts everything back as it was; what was swapped in waits as staged again. */
  async undo(parts: readonly Part[]): Promise<void> {
    const calls = parts.flatMap(({ done }) => [...done].reverse().map((step) => this.#undoCall(step)));
    for (const part of parts) part.done.length = 0;
    await this.session.round(calls);
  }

  #call(step: Step): Call {
    const target = this.#at(step.path);
    const previous = this.#at(previousPath(step.path));
    return step.do === "remove"
      ? ["take_away", target, previous]
      : ["swap_in", this.#at(stagedPath(step.path)), target, previous];
  }

  #undoCall(step: Step): Call {
    const staged = step.do === "remove" ? "" : this.#at(stagedPath(step.path));
    return ["put_back", this.#at(step.path), this.#at(previousPath(step.path)), staged];
  }

  #problem(step: Step, output: string): Problem {
    return {
      summary: `${step.path} cannot be ${step.do === "remove" ? "removed" : "replaced"}`,
      detail: `On host "${this.host.name}": ${lastLines(output)}. What was there before is back in place.`,
      path: step.path,
    };
  }
}
