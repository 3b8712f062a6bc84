import { OLDEST_ENGINE } from "../../../../shared/engine/oldest-engine";
import { JsonError } from "../../../../shared/json/json-error";
import { parseJson } from "../../../../shared/json/parse-json";
import { runEngine } from "../../../engine/run";
import type { Check } from "../../examination/check";
import { type Finding, failure, well } from "../../examination/finding";
import type { Machine } from "./machine";

const DEADLINE_MS = 30_000;
const MOST_CHARACTERS = 64 * 1024;

export const engineVersion: Check<Machine> = {
  id: "engine",
  looksAt: "Terraform or OpenTofu: the command that `cdktf` runs, and its version",
  reports: `not found, does not run, older than ${OLDEST_ENGINE}, a pre-release`,
  async findings({ engine, environment, directory }) {
    let output = "";
    await runEngine(engine, {
      directory,
      args: ["version", "-json"],
      environment: withoutArguments(environment),
      deadlineMs: DEADLINE_MS,
      sink: (chunk) => {
        output = (output + chunk.toString("utf8")).slice(0, MOST_CHARACTERS);
      },
    });
    const version = versionIn(output);
    const { executable } = engine;
    return [version === null ? notAnEngine(executable) : judged(executable, version)];
  },
};

/** Arguments for all commands could be none of `version`. */
function withoutArguments(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("TF_CLI_ARGS")));
}

function versionIn(output: string): string | null {
  try {
    const version = parseJson(output, MOST_CHARACTERS).member("terraform_version").text(100);
    return VERSION.test(version) ? version : null;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return null;
  }
}

const VERSION = /^\d{1,6}\.\d{1,6}\.\d{1,6}(-[\w.+-]+)?$/;

function judged(executable: string, version: string): Finding {
  if (isOlder(version, OLDEST_ENGINE)) {
    return failure(
      `${executable} is version ${version}, and the stacks need ${OLDEST_ENGINE} or later: init will refuse it.`,
      `Install Terraform or OpenTofu ${OLDEST_ENGINE} or later, or name another engine with TERRAFORM_BINARY_NAME.`,
    );
  }
  if (version.includes("-")) {
    return failure(
      `${executable} is the pre-release ${version}, which no required_version accepts: init will refuse it.`,
      `Install a release, or override it in the program: stack.addOverride("terraform.required_version", ">= ${OLDEST_ENGINE}-0").`,
    );
  }
  return well(`${executable} is version ${version}`);
}

/** Whether a version is older than another one, whatever follows a hyphen. */
export function isOlder(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => (text.split("-")[0] as string).split(".").map(Number));
  for (const [index, number] of (one as number[]).entries()) {
    const against = other?.[index] ?? 0;
    if (number !== against) return number < against;
  }
  return false;
}

function notAnEngine(executable: string): Finding {
  return failure(
    `${executable} does not say its version, as Terraform and OpenTofu do with version -json.`,
    "Run it to see why. If it is another program, set TERRAFORM_BINARY_NAME to the engine.",
  );
}
