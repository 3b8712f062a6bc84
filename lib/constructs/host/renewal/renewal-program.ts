import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pluginErrors } from "../../../shared/errors";
import { builtDirectory } from "../../plugin/built-directory";

/**
 * The text of the renewal program, which the build has put together.
 *
 * @param directory of the programs that run on hosts
 * @throws MailSniError `HOST_PROGRAM_NOT_BUILT`
 */
export function readRenewalProgram(directory = builtDirectory("host")): string {
  const path = join(directory, "renewal");
  if (!existsSync(path)) throw pluginErrors.hostProgramNotBuilt(path);
  return readFileSync(path, "utf8");
}
