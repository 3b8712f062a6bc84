import type { EngineRun } from "./engine";

export type PlannedAction = "create" | "update" | "delete" | "replace";

const ACTIONS: Readonly<Record<string, PlannedAction>> = {
  "will be created": "create",
  "will be updated in-place": "update",
  "will be destroyed": "delete",
  "must be replaced": "replace",
};

/** What an engine printed for a person, as tests ask about it. */
export class EngineReport {
  constructor(private readonly run: EngineRun) {}

  get exitCode(): number | null {
    return this.run.exitCode;
  }

  get output(): string {
    return this.run.output;
  }

  /** What the plan would do, by address; that of an apply too, which prints its plan first. */
  get changes(): Readonly<Record<string, PlannedAction>> {
    const lines = this.output.matchAll(/^ +# (\S+) (will be .+|must be replaced)$/gm);
    return Object.fromEntries(
      [...lines].flatMap(([, address, what = ""]) => (ACTIONS[what] ? [[address, ACTIONS[what]]] : [])),
    );
  }

  /** The lines of the plan that are there with this sign, without their indentation. */
  changed(sign: "+" | "-" | "~"): string[] {
    const lines = this.output.split("\n").flatMap((line) => /^ +([+~-]) (.*)$/.exec(line) ?? []);
    return lines.filter((_, index) => index % 3 === 2 && lines[index - 1] === sign);
  }

  /** Errors and warnings as running text, by the resource they are about, such as `mailsni_host_files.a`. */
  get messages(): readonly Message[] {
    return this.output
      .split(/\n(?=(?:Error|Warning): )/)
      .slice(1)
      .map((text) => message(text));
  }

  /** All errors as running text. */
  get errors(): readonly string[] {
    return this.messages.filter(({ severity }) => severity === "Error").map(({ text }) => text);
  }

  /** All warnings as running text. */
  get warnings(): readonly string[] {
    return this.messages.filter(({ severity }) => severity === "Warning").map(({ text }) => text);
  }

  /** The errors about one resource as running text. */
  errorsOf(address: string): readonly string[] {
    return this.messages
      .filter((one) => one.severity === "Error" && one.address === address)
      .map(({ text }) => text);
  }
}

export interface Message {
  readonly severity: "Error" | "Warning";
  /** Summary and detail on one line. */
  readonly text: string;
  readonly address: string | undefined;
}

function message(block: string): Message {
  const [, severity] = /^(Error|Warning)/.exec(block) ?? [];
  return {
    severity: severity as Message["severity"],
    text: block.replace(/\s+/g, " "),
    address: /^ {2}with ([^\s,]+)/m.exec(block)?.[1],
  };
}
