import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shellQuote } from "../lib/shared/transport/shell-quote";

/** A script that runs a program, and notes the processor time that it has taken, with all that it has started and waited for. */
export class MeasuredProgram {
  readonly path: string;

  constructor(
    directory: string,
    private readonly name: string,
    program: string,
  ) {
    this.path = join(directory, name);
    // `times` is a built-in of the shell. Its second line is about what the shell has waited for.
    const lines = [
      "#!/bin/sh",
      `${shellQuote(program)} "$@"`,
      "status=$?",
      `times >${shellQuote(this.#file)}`,
    ];
    writeFileSync(this.path, [...lines, "exit $status", ""].join("\n"), { mode: 0o755 });
  }

  /** The processor time that `run`, which runs the script once, has taken, in milliseconds. */
  async milliseconds(run: () => Promise<unknown>): Promise<number> {
    await run();
    const [, children = ""] = readFileSync(this.#file, "utf8").split("\n");
    const [user, system] = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
      ([, minutes, seconds]) => (Number(minutes) * 60 + Number(seconds)) * 1000,
    );
    if (user === undefined || system === undefined) throw new Error(`times of ${this.name}: ${children}`);
    return user + system;
  }

  get #file(): string {
    return `${this.path}.times`;
  }
}
