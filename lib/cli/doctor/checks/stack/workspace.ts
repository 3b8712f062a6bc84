import { join, resolve } from "node:path";
import { boundedText } from "../../../inputs/text-file";
import type { Check } from "../../examination/check";
import { warning, well } from "../../examination/finding";
import type { StackHere } from "./stack";

const MOST_BYTES = 4096;
const DEFAULT = "default";

export const workspace: Check<StackHere> = {
  id: "workspace",
  looksAt: "`TF_WORKSPACE`, and the workspace that is selected in the directory of each stack",
  reports: "that they differ: each workspace has its own state",
  findings({ environment, directory }) {
    const selected = selectedIn(resolve(directory, environment.TF_DATA_DIR || ".terraform"));
    const given = environment.TF_WORKSPACE || selected;
    if (given === selected) return [well(`the workspace is ${selected}`)];
    return [
      warning(
        `TF_WORKSPACE is ${given}, and ${selected} is selected in ${directory}: the deploy uses the state of ${given}, and hosts refuse a state that they do not know.`,
        `Unset TF_WORKSPACE, or select the same in the directory: terraform workspace select ${given}.`,
      ),
    ];
  },
};

/** The engine keeps the selected workspace in a file of its data directory. */
function selectedIn(dataDirectory: string): string {
  try {
    return boundedText(join(dataDirectory, "environment"), MOST_BYTES).trim() || DEFAULT;
  } catch {
    return DEFAULT;
  }
}
