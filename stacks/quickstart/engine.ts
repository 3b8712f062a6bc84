import { spawnSync } from "node:child_process";

/** A Terraform or OpenTofu that can run the stacks. */
export interface Engine {
  readonly command: string;
  readonly version: string;
}

const OLDEST = [1, 11] as const;
const ADVICE =
  "install Terraform 1.11 or later (https://developer.hashicorp.com/terraform/install) or OpenTofu 1.11 or later (https://opentofu.org/docs/intro/install)";

/**
 * The engine to deploy with: `TERRAFORM_BINARY_NAME` where it is set, else `terraform` or `tofu` from the PATH.
 *
 * @throws Error that says what to install
 */
export function findEngine(environment: NodeJS.ProcessEnv = process.env): Engine {
  const chosen = environment.TERRAFORM_BINARY_NAME;
  const commands = chosen ? [chosen] : ["terraform", "tofu"];
  const found = commands.flatMap((command) => {
    const version = versionOf(command, environment);
    return version === null ? [] : [{ command, version }];
  });
  const engine = found.find(({ version }) => isRecent(version));
  if (engine !== undefined) return engine;
  if (found.length === 0) throw new Error(`There is no ${commands.join(" and no ")} on the PATH: ${ADVICE}.`);
  const outdated = found.map(({ command, version }) => `${command} is ${version}`).join(", and ");
  throw new Error(`What is on the PATH is too old (${outdated}): ${ADVICE}.`);
}

/** Null where there is no such program, or where it is something else. */
function versionOf(command: string, env: NodeJS.ProcessEnv): string | null {
  const { status, stdout } = spawnSync(command, ["version", "-json"], {
    env: { ...env, CHECKPOINT_DISABLE: "1" },
    encoding: "utf8",
  });
  if (status !== 0) return null;
  try {
    return JSON.parse(stdout).terraform_version ?? null;
  } catch {
    return null;
  }
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
