import { isAbsolute } from "node:path";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, warning } from "../../examination/finding";
import type { Machine } from "./machine";

export const engineVariables: Check<Machine> = {
  id: "engine-variables",
  looksAt: "`TF_DATA_DIR`, `TF_LOG` and `TF_LOG_CORE`",
  reports: "one data directory for several stacks; logs that may hold private keys",
  findings: (machine) =>
    orWell([...sharedDirectory(machine), ...logs(machine)], "no variable of the engine breaks a deploy"),
};

function sharedDirectory({ environment: { TF_DATA_DIR = "" }, stacks }: Machine): Finding[] {
  if (!isAbsolute(TF_DATA_DIR) || stacks < 2) return [];
  return [
    failure(
      `TF_DATA_DIR is ${TF_DATA_DIR}, which all ${stacks} stacks would share: init of one replaces the backend and the providers of another.`,
      "Unset TF_DATA_DIR, or make it relative: then it is below the directory of each stack.",
    ),
  ];
}

const TALKATIVE = /^(trace|debug|json)$/i;

function logs({ environment }: Machine): Finding[] {
  return ["TF_LOG", "TF_LOG_CORE"]
    .filter((name) => TALKATIVE.test(environment[name] ?? ""))
    .map((name) =>
      warning(
        `${name} is ${environment[name]}: backends and other providers may log what they send, and a state has private keys.`,
        `Unset ${name} when you have found what you look for, and protect such a log like a private key.`,
      ),
    );
}
