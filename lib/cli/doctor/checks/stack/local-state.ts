import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isInside } from "../../../inputs/is-inside";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, skipped, warning } from "../../examination/finding";
import { namesIn, readableByAll } from "./readable-files";
import type { StackHere } from "./stack";

export const localState: Check<StackHere> = {
  id: "local-state",
  looksAt: "a state in a file of this machine, and its backups",
  reports: "empty; inside the output of synth; readable by every user, unless a passphrase encrypts the keys",
  findings({ declared: { localState: path }, outputDirectory, environment }) {
    if (path === null) return [skipped("the stack has another backend")];
    return orWell(
      [
        ...emptied(path),
        ...insideOutput(path, outputDirectory),
        ...(isEncrypted(environment) ? [] : openFiles(path)),
      ],
      `${path} is outside of the output of synth, and not open to every user`,
    );
  },
};

/** Terraform rewrites the file in place: killed just then, it leaves nothing, and takes that for a state without resources. */
function emptied(path: string): Finding[] {
  if (statSync(path, { throwIfNoEntry: false })?.size !== 0) return [];
  return [
    failure(
      `${path} is empty: an engine was killed while it wrote the state. The next deploy would create everything again.`,
      `Restore the state from before that run: cp ${path}.backup ${path}`,
    ),
  ];
}

function insideOutput(path: string, outputDirectory: string): Finding[] {
  if (!isInside(outputDirectory, path)) return [];
  return [
    warning(
      `The state is in ${path}, inside the output of synth: cdktf synth deletes the directory of a stack that is renamed or removed, and a clean checkout has none.`,
      'Move the file out, and declare its new place: new LocalBackend(stack, { path: "../../../state/mail.tfstate" }), relative to the directory of the stack.',
    ),
  ];
}

/** By the passphrase for keys, or by OpenTofu's encryption of the whole state. */
function isEncrypted({ MAIL_SNI_KEY_PASSPHRASE, TF_ENCRYPTION }: NodeJS.ProcessEnv): boolean {
  return Boolean(MAIL_SNI_KEY_PASSPHRASE) || Boolean(TF_ENCRYPTION);
}

const MOST_NAMED = 5;

function openFiles(path: string): Finding[] {
  const directory = dirname(path);
  const open = readableByAll(directory, versionsOf(path));
  if (open.length === 0) return [];
  const named = open.slice(0, MOST_NAMED).join(", ");
  const more = open.length > MOST_NAMED ? ` and ${open.length - MOST_NAMED} more` : "";
  return [
    warning(
      `Every user of this machine can read the private keys in ${named}${more}.`,
      `Close the directory, in which the engine writes the next backup: chmod 700 ${directory}. If other users need something else there, give the state a directory of its own. Or encrypt the keys: set MAIL_SNI_KEY_PASSPHRASE. Replace keys that others may have read.`,
    ),
  ];
}

/** The names of the state and its backups. */
function versionsOf(path: string): string[] {
  const name = basename(path);
  return namesIn(dirname(path)).filter(
    (file) => file === name || (file.startsWith(`${name}.`) && file.endsWith(".backup")),
  );
}
