import { pathProblem } from "../../../shared/transport/paths";
import { CONFIGURATION } from "../../messages/configuration";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { PlannedOf } from "../../protocol/resource";
import { isUnknown } from "../../protocol/values/unknown";
import { refuseNul } from "../program-arguments";
import type { HostJobAttributes } from "./schema";

type Config = PlannedOf<HostJobAttributes>;

/** Refuses what is invalid on any host. */
export function validate({ config, diagnostics }: { config: Config; diagnostics: Diagnostics }): void {
  validateCommand(config, diagnostics);
  const { result_file: file } = config;
  const problem = file === null || isUnknown(file) ? undefined : pathProblem(file);
  if (problem === undefined) return;
  diagnostics.error(
    CONFIGURATION.notFilePath,
    `${JSON.stringify(file)}: ${problem}. Write an absolute path such as /var/lib/mail-sni/dehydrated/result.`,
    ["result_file"],
  );
}

function validateCommand({ command }: Config, diagnostics: Diagnostics): void {
  if (isUnknown(command)) return;
  const [program] = command;
  if (program === undefined || program === "") {
    diagnostics.error(
      CONFIGURATION.noProgram,
      `Write the program first, such as ["/etc/mail-sni/dehydrated/renewal", "run"].`,
      ["command"],
    );
  }
  refuseNul(command, diagnostics, ["command"]);
}
