import { CliError } from "../../errors/cli-error";

/** What `--saved` names. */
export interface SavedPlan {
  readonly stack: string;
  /** `-` is standard input. */
  readonly path: string;
}

/**
 * Parses `STACK=FILE`.
 *
 * @throws CliError `CLI_OPTION`
 */
export function parseSaved(text: string): SavedPlan {
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
