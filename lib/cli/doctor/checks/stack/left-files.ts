import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isClosedToOthers } from "../../../../shared/closed-directory";
import type { Check } from "../../examination/check";
import { failure, orWell, warning } from "../../examination/finding";
import type { StackHere } from "./stack";

/** A saved plan as cdktf and people name it, and a state that the engine could not save. */
const HOLDS_STATE = /^(plan|.*\.tfplan|errored\.tfstate)$/;
const UNSAVED = "errored.tfstate";
const OTHERS_READ = 0o004;

export const leftFiles: Check<StackHere> = {
  id: "left-files",
  looksAt: "saved plans and `errored.tfstate` in the directory of each stack, which hold the state",
  reports: "readable by every user; a state that was not saved",
  findings({ directory }) {
    const files = filesIn(directory).filter((name) => HOLDS_STATE.test(name));
    const isOpen = process.platform !== "win32" && !isClosedToOthers(directory);
    const open = isOpen ? files.map((name) => join(directory, name)).filter(isReadable) : [];
    const unsaved = files.filter((name) => name === UNSAVED).map((name) => join(directory, name));
    return orWell(
      [
        ...unsaved.map((path) =>
          failure(
            `${path} is a state that the last deploy could not save: a deploy without it starts from an older one.`,
            `In ${directory}, run terraform state push ${UNSAVED}, and remove the file.`,
          ),
        ),
        ...open.map((path) =>
          warning(
            `Every user of this machine can read ${path}, which holds the state with its private keys.`,
            `Run chmod 700 ${directory}, as cdktf synth does, and remove the file if it will not be applied.`,
          ),
        ),
      ],
      "no file that contains the state is readable by every user",
    );
  },
};

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function isReadable(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && (status.mode & OTHERS_READ) !== 0;
}
