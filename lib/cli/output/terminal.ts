/** The terminal capabilities of an output. */
export interface Terminal {
  readonly hasColour: boolean;
  /** Whether a line may be written and then replaced by another. */
  readonly hasProgress: boolean;
}

interface Output {
  readonly isTTY?: boolean;
}

/** Only this function reads `NO_COLOR` (https://no-color.org), `CI` and `TERM`. */
export function terminalOf(output: Output, environment: NodeJS.ProcessEnv): Terminal {
  const { NO_COLOR = "", CI = "", TERM } = environment;
  const isTerminal = output.isTTY === true && TERM !== "dumb";
  const isUnattended = CI !== "" && CI !== "false";
  return { hasColour: isTerminal && NO_COLOR === "", hasProgress: isTerminal && !isUnattended };
}

export type Colour = "red" | "yellow" | "green" | "grey";

const CODES: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32, grey: 90 };

export function coloured(text: string, colour: Colour, { hasColour }: Terminal): string {
  return hasColour ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}
