import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Why cdktf's command line cannot start here, as the first part of a sentence; null where it can.
 *
 * It loads a terminal module that has to fit the version of Node. The package has builds for some versions only; for others
 * npm compiles one, where there are a compiler, Python and Node's headers. So it is loaded here, in a process of its own,
 * rather than deciding by the version.
 *
 * @param directory of the project
 */
export function cdktfProblem(directory: string): string | null {
  if (!existsSync(join(directory, "node_modules/.bin/cdktf"))) return "cdktf's command line is not installed";
  const terminal = findTerminal(directory);
  const { status } = spawnSync(process.execPath, ["-e", `require(${JSON.stringify(terminal)})`], {
    cwd: directory,
  });
  return status === 0
    ? null
    : `cdktf's command line cannot start with Node ${process.version}: its terminal module has no build for it`;
}

const TERMINAL = "@cdktf/node-pty-prebuilt-multiarch";

/** The module as cdktf-cli would find it; its mere name where nothing would. */
function findTerminal(directory: string): string {
  try {
    return createRequire(join(directory, "node_modules/cdktf-cli/package.json")).resolve(TERMINAL);
  } catch {
    return TERMINAL;
  }
}
