import type { Check } from "../../examination/check";
import { failure, orWell } from "../../examination/finding";
import type { Machine } from "./machine";

export const cliArguments: Check<Machine> = {
  id: "cli-arguments",
  looksAt: "`TF_CLI_ARGS` and `TF_CLI_ARGS_…`, which the engine adds to commands",
  reports: "`-chdir`, which no command takes there",
  findings({ environment }) {
    const variables = Object.keys(environment).filter((name) => /^TF_CLI_ARGS(_|$)/.test(name));
    return orWell(
      variables
        .filter((name) => /(^|[\s"'])--?chdir\b/.test(environment[name] ?? ""))
        .map((name) =>
          failure(
            `${name} has -chdir, which an engine takes on its command line alone: it refuses each command that gets it there.`,
            `Remove -chdir from ${name}. Run the engine in the stack's directory instead, as cdktf does: with -chdir, init would not find the provider either.`,
          ),
        ),
      "no arguments in the environment break a command",
    );
  },
};
