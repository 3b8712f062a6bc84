import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { hidingFiles } from "../../../../shared/engine/cli-configuration";
import { PROVIDER_SOURCE } from "../../../../shared/engine/provider-place";
import { pluginErrors } from "../../../../shared/errors";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, skipped } from "../../examination/finding";
import type { StackHere } from "./stack";

export const cliConfiguration: Check<StackHere> = {
  id: "cli-configuration",
  looksAt:
    "`provider_installation` in the engine's CLI configuration, and `-plugin-dir` in `TF_CLI_ARGS_init`",
  reports: "that they keep the engine from the provider beside the stack",
  findings({ declared: { providerVersion }, engine, environment, directory }) {
    if (providerVersion === null) return [skipped("the stack does not use the provider")];
    const chosen = { ...environment, TERRAFORM_BINARY_NAME: engine.executable };
    const hiding = hidingFiles(PROVIDER_SOURCE, directory, chosen).map(({ path, engines }) => {
      const { problem, remedy } = pluginErrors.hidden(path, engines);
      return failure(problem, remedy);
    });
    return orWell([...hiding, ...otherPluginDirectory(environment, directory)], "nothing hides the provider");
  },
};

/** `init` looks in that directory only. */
function otherPluginDirectory({ TF_CLI_ARGS_init = "" }: NodeJS.ProcessEnv, directory: string): Finding[] {
  const [, quoted, plain] = /(?:^|\s)--?plugin-dir=(?:"([^"]*)"|(\S+))/.exec(TF_CLI_ARGS_init) ?? [];
  const given = quoted ?? plain;
  if (given === undefined || hasEntries(join(resolve(directory, given), PROVIDER_SOURCE))) return [];
  return [
    failure(
      `TF_CLI_ARGS_init has -plugin-dir=${given}, where the provider is not: init will not find it.`,
      "Remove it from TF_CLI_ARGS_init, or write -plugin-dir=terraform.d/plugins, if the stack needs no other provider.",
    ),
  ];
}

function hasEntries(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0;
  } catch {
    return false;
  }
}
