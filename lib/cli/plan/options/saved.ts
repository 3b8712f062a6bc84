import { CliError } from "../../errors/cli-error";

/** What `--saved` names. */
export interface SavedPlan {
  readonly stack: string;
  /** `-` is standard input. */
  readonly path: string;
}

/**
 * Parses `STACK=FILE`, and adds it to those before.
 *
 * @throws CliError `CLI_OPTION`, also if the stack or standard input is named twice
 */
export function collectSaved(text: string, before: readonly SavedPlan[] = []): readonly SavedPlan[] {
  const saved = parseSaved(text);
  if (before.some(({ stack }) => stack === saved.stack)) {
    throw new CliError(
      "CLI_OPTION",
      `--saved names the stack ${JSON.stringify(saved.stack)} twice.`,
      "Run mail-sni plan once for each plan of a stack.",
    );
  }
  if (saved.path === STANDARD_INPUT && before.some(({ path }) => path === STANDARD_INPUT)) {
    throw new CliError(
      "CLI_OPTION",
      "--saved reads two plans from standard input.",
      "Give the plan of one stack there, and files with the others.",
    );
  }
  return [...before, saved];
}

const STANDARD_INPUT = "-";

/**
 * Parses `STACK=FILE`.
 *
 * @throws CliError `CLI_OPTION`
 */
function parseSaved(text: string): SavedPlan {
  const separator = text.indexOf("=");
  const stack = text.slice(0, separator);
  const path = text.slice(separator + 1);
  if (separator > 0 && path !== "") return { stack, path };
  throw new CliError(
    "CLI_OPTION",
    `--saved is ${JSON.stringify(text)}.`,
    "Give the name of the stack, an equals sign, and a saved plan or what show -json wrote of it: mail=plan.json.",
  );
}
