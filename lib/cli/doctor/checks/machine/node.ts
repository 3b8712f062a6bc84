import { executableIn } from "../../../engine/executable";
import { type ProgramRun, programRun } from "../../../process/program-run";
import type { Check } from "../../examination/check";
import { type Finding, failure, well } from "../../examination/finding";
import type { Machine } from "./machine";

/** The first major version that the provider runs on, as in `engines` of package.json. */
export const OLDEST_NODE = 20;
const DEADLINE_MS = 20_000;

export const node: Check<Machine> = {
  id: "node",
  looksAt: "Node.js on the `PATH` of the engine, which starts the provider with `env node`",
  reports: `not found, does not run, older than ${OLDEST_NODE}`,
  async findings({ environment, directory }) {
    const program = nodeIn(environment);
    if (program === null) return [notFound()];
    try {
      const { NODE_OPTIONS: _, ...rest } = environment;
      const run = await nodeRun(program, ["-p", "process.versions.node"], directory, rest);
      return [judged(program, run)];
    } catch (error) {
      return [failure(`${program} cannot be run: ${(error as Error).message}.`, REMEDY)];
    }
  },
};

/** The Node.js that `env node` finds; null if there is none. */
export function nodeIn({ PATH = "" }: NodeJS.ProcessEnv): string | null {
  return executableIn(PATH, "node");
}

/** Runs a short program of Node.js. */
export function nodeRun(
  program: string,
  args: readonly string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<ProgramRun> {
  return programRun(program, args, { directory, environment, deadlineMs: DEADLINE_MS });
}

const REMEDY = `Put the directory of Node.js ${OLDEST_NODE} or later first in the PATH of the job that deploys. This command runs with ${process.execPath}.`;

function notFound(): Finding {
  return failure(
    "The provider is a Node.js program, and there is no node in the PATH: the engine will not be able to start it.",
    REMEDY,
  );
}

function judged(program: string, { exitCode, stdout, isLate }: ProgramRun): Finding {
  const [version = "", major] = /^(\d{1,4})\.\d+\.\d+\s*$/.exec(stdout) ?? [];
  if (isLate || exitCode !== 0 || major === undefined) {
    return failure(`${program} does not run JavaScript, so the engine cannot start the provider.`, REMEDY);
  }
  if (Number(major) >= OLDEST_NODE) return well(`${program} is version ${version.trim()}`);
  return failure(
    `${program} is version ${version.trim()}, and the provider needs ${OLDEST_NODE} or later: the engine will not be able to start it.`,
    REMEDY,
  );
}
