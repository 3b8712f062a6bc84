import { isKnownRenewer, RENEWERS } from "../../../shared/renewers/renewers";
import { pathProblem } from "../../../shared/transport/paths";
import { CONFIGURATION } from "../../messages/configuration";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { PlannedOf } from "../../protocol/resource";
import { isUnknown, type Plannable } from "../../protocol/values/unknown";
import type { RetiredRenewersAttributes } from "./schema";

type Config = Pick<PlannedOf<RetiredRenewersAttributes>, "programs" | "hooks">;

/** Refuses what is invalid on any host. */
export function validate({ config, diagnostics }: { config: Config; diagnostics: Diagnostics }): void {
  for (const program of known(config.programs)) {
    if (isKnownRenewer(program)) continue;
    diagnostics.error(
      CONFIGURATION.notRenewer,
      `${JSON.stringify(program)} is not known. Use one of ${RENEWERS.join(", ")}, or name an executable in hooks.`,
      ["programs"],
    );
  }
  for (const hook of known(config.hooks)) {
    const problem = pathProblem(hook);
    if (problem === undefined) continue;
    diagnostics.error(
      CONFIGURATION.notFilePath,
      `${JSON.stringify(hook)}: ${problem}. Write an absolute path such as /etc/dehydrated/hook.sh.`,
      ["hooks"],
    );
  }
}

function known(list: Plannable<readonly Plannable<string>[] | null>): string[] {
  return list === null || isUnknown(list) ? [] : list.filter((value) => !isUnknown(value));
}
