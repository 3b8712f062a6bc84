import { join } from "node:path";
import type { Check } from "../../examination/check";
import { failure, orWell, warning } from "../../examination/finding";
import { namesIn, readableByAll } from "./readable-files";
import type { StackHere } from "./stack";

/** A saved plan as cdktf and people name it, and a state that the engine could not save. */
const HOLDS_STATE = /^(plan|.*\.tfplan|errored\.tfstate)$/;
const UNSAVED = "errored.tfstate";

export const leftFiles: Check<StackHere> = {
  id: "left-files",
  looksAt: "saved plans and `errored.tfstate` in the directory of each stack, which hold the state",
  reports: "readable by every user; a state that was not saved",
  findings({ directory }) {
    const files = namesIn(directory).filter((name) => HOLDS_STATE.test(name));
    const unsaved = files.filter((name) => name === UNSAVED).map((name) => join(directory, name));
    return orWell(
      [
        ...unsaved.map((path) =>
          failure(
            `${path} is a state that the last deploy could not save: a deploy without it starts from an older one.`,
            `In ${directory}, run terraform state push ${UNSAVED}, and remove the file.`,
          ),
        ),
        ...readableByAll(directory, files).map((path) =>
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
