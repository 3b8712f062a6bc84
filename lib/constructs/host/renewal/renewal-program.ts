import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pluginErrors } from "../../../shared/errors";

/**
 * The text of the renewal program, which the build has put together.
 *
 * @param directory of the programs that run on hosts
 * @throws MailSniError `HOST_PROGRAM_NOT_BUILT`
 */
export function readRenewalProgram(directory = packagedPrograms()): string {
  const path = join(directory, "renewal");
  if (!existsSync(path)) throw pluginErrors.hostProgramNotBuilt(path);
  return readFileSync(path, "utf8");
}

/** The directory `dist/host` of this package, both from `lib` and from `dist/lib`, where the code is compiled. */
function packagedPrograms(): string {
  let directory = __dirname;
  while (!existsSync(join(directory, "package.json"))) directory = dirname(directory);
  return join(directory, "dist", "host");
}
