import { truncated } from "../../shared/text/truncated";
import { CliError } from "../errors/cli-error";
import type { Engine } from "./engine";
import { withoutPasswords } from "./without-passwords";

const MOST_SHOWN_CHARACTERS = 300;

const NAME_AN_ENGINE =
  "Give --engine tofu, or the path of the engine; or set TERRAFORM_BINARY_NAME, as for cdktf.";

/** `CLI_ENGINE_MISSING`: the system refuses to run the executable. */
export function missing(executable: string, directory: string, error: Error): CliError {
  return new CliError(
    "CLI_ENGINE_MISSING",
    `${executable} cannot be run in ${directory}: ${error.message}.`,
    NAME_AN_ENGINE,
  );
}

/** `CLI_ENGINE_MISSING`: there is no such command. */
export function notInPath(executable: string): CliError {
  return new CliError(
    "CLI_ENGINE_MISSING",
    `${executable} is in no directory of PATH; relative directories of PATH are ignored.`,
    NAME_AN_ENGINE,
  );
}

/** `CLI_NOT_SYNTHESIZED`: the stack's directory is missing. */
export function withoutDirectory(directory: string): CliError {
  return new CliError(
    "CLI_NOT_SYNTHESIZED",
    `There is no directory ${directory}.`,
    "Run cdktf synth, and terraform init in the stack's directory.",
  );
}

/**
 * `CLI_ENGINE_FAILED`.
 *
 * @param problem why it failed, such as `No access` or `it took longer than 120 seconds`
 */
export function failed(
  { executable }: Engine,
  { directory, args }: { readonly directory: string; readonly args: readonly string[] },
  problem: string,
): CliError {
  return new CliError(
    "CLI_ENGINE_FAILED",
    `${executable} ${args[0]} failed in ${directory}: ${problem}.`,
    `Run it there yourself: it may need ${executable} init, or access to the state. If another engine deploys this stack, name it with --engine or TERRAFORM_BINARY_NAME.`,
  );
}

/**
 * The first line of the engine's error, without the frame around it. The lines below it may quote the configuration and its
 * values, so they are not shown.
 *
 * @param complaint the end of its standard error
 */
export function errorIn(complaint: string): string {
  const lines = complaint.split("\n").map((line) => line.replace(/^[│╷╵\s]+/, "").trim());
  const line = lines.find((one) => one.startsWith("Error: ")) ?? lines.findLast((one) => one !== "");
  const text = (line ?? "it printed no error").replace(/^Error: /, "").replace(/\.$/, "");
  return truncated(withoutPasswords(text), MOST_SHOWN_CHARACTERS);
}
