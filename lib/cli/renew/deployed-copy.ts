import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { Member } from "../../shared/json/member";
import { LONGEST_PATH } from "../../shared/transport/paths";
import { CliError } from "../errors/cli-error";
import { isInside } from "../inputs/is-inside";
import { Project, parseProjectFile, type SynthesizedStack } from "../inputs/project";

/**
 * The project in a copy of what was deployed last: the output of synth, and `sni-table.json`.
 *
 * @throws CliError `CLI_PROJECT_MISSING`
 */
export function deployedCopy(directory: string): Project {
  if (!existsSync(join(directory, "manifest.json"))) {
    throw new CliError(
      "CLI_PROJECT_MISSING",
      `--from has ${JSON.stringify(directory)}, which holds no manifest.json.`,
      "Give the directory to which each deploy copies cdktf.out and sni-table.json.",
    );
  }
  return Project.copiedTo(directory);
}

/**
 * Checks that the stack in the copy uses the state of the project. If the state were copied too, there would be two states from
 * then on.
 *
 * @param root of the copy
 * @throws CliError `CLI_STATE_COPIED`, `CLI_PROJECT_INVALID`
 */
export function checkStateOfCopy({ name, directory }: SynthesizedStack, root: string): void {
  const path = parseProjectFile(join(directory, "cdk.tf.json"), localStatePath);
  if (path === null) return;
  if (isAbsolute(path) && !isInside(resolve(root), path)) return;
  throw new CliError(
    "CLI_STATE_COPIED",
    `Stack ${JSON.stringify(name)} keeps its state in ${path === "" ? "its own directory" : JSON.stringify(path)}, which the copy in ${root} does not share with the project.`,
    "Give the stack a remote backend, or a LocalBackend with an absolute path outside of cdktf.out. Synthesize; then run init in the stack's directory, with -migrate-state, or with -reconfigure if the file stays the same; and deploy once.",
  );
}

/** The path of the state file; null if the state is not a local file. */
function localStatePath(document: Member): string | null {
  const terraform = document.member("terraform");
  if (terraform.member("cloud").isPresent) return null;
  const backend = terraform.member("backend");
  if (backend.isPresent && !backend.member("local").isPresent) return null;
  return (
    backend.optional((found) =>
      found
        .member("local")
        .member("path")
        .optional((path) => path.text(LONGEST_PATH)),
    ) ?? ""
  );
}
