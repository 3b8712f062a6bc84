import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { providerInstallations } from "./provider-installation-blocks";

/** The environment variables that locate the engines' CLI configuration. */
export type EngineEnvironment = Readonly<
  Record<
    | "HOME"
    | "TERRAFORM_BINARY_NAME"
    | "TERRAFORM_CONFIG"
    | "TF_CLI_ARGS_init"
    | "TF_CLI_CONFIG_FILE"
    | "XDG_CONFIG_HOME",
    string | undefined
  >
>;

/** A CLI configuration file that prevents `init` from finding the provider in the stack's directory. */
export interface HidingFile {
  /** The path for messages: below the home directory with `~`. */
  readonly path: string;
  readonly engines: readonly Engine[];
}

export type Engine = "terraform" | "tofu";

/**
 * Finds files of the engines' CLI configuration with a `provider_installation` block that does not include
 * `source`'s host. With such a block an engine searches only where the block says, and not in
 * `terraform.d/plugins`.
 *
 * At synth it is unknown which engine will run, unless `TERRAFORM_BINARY_NAME` says so: otherwise the files
 * of both are read.
 *
 * @param source address of the provider
 * @param directory in which the engine runs: a relative `TF_CLI_CONFIG_FILE` is relative to it
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file
 * @see https://opentofu.org/docs/cli/config/config-file/
 */
export function hidingFiles(source: string, directory: string, env = process.env): HidingFile[] {
  const environment = env as EngineEnvironment;
  // This option of `init` overrides all files.
  if (/(^|\s)-plugin-dir\b/.test(environment.TF_CLI_ARGS_init ?? "")) return [];
  const host = source.split("/")[0] as string;
  const engines = new Map<string, Engine[]>();
  for (const engine of enginesThatMayRun(environment)) {
    for (const file of configurationFiles(engine, directory, environment)) {
      engines.set(file, [...(engines.get(file) ?? []), engine]);
    }
  }
  return [...engines]
    .filter(([file]) => hides(file, host))
    .map(([file, found]) => ({ path: abbreviated(file, environment), engines: found }));
}

function enginesThatMayRun({ TERRAFORM_BINARY_NAME }: EngineEnvironment): readonly Engine[] {
  const name = basename(TERRAFORM_BINARY_NAME ?? "");
  return name === "terraform" || name === "tofu" ? [name] : ["terraform", "tofu"];
}

/** The files that the engine reads. Some may not exist. */
function configurationFiles(engine: Engine, directory: string, environment: EngineEnvironment): string[] {
  const chosen = environment.TF_CLI_CONFIG_FILE || environment.TERRAFORM_CONFIG;
  if (chosen) return [resolve(directory, chosen)];
  const home = homeOf(environment);
  const { XDG_CONFIG_HOME: xdg } = environment;
  const common = join(home, ".terraformrc");
  const own = join(home, ".tofurc");
  const commonDirectory = join(home, ".terraform.d");
  if (engine === "terraform") return [common, ...snippets(commonDirectory)];
  const main = existsSync(own) ? own : existsSync(common) || !xdg ? common : join(xdg, "opentofu", "tofurc");
  return [main, ...snippets(existsSync(commonDirectory) || !xdg ? commonDirectory : join(xdg, "opentofu"))];
}

function snippets(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /\.tfrc(\.json)?$/.test(name))
      .sort()
      .map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** A size limit far above that of any real configuration. */
const MOST_BYTES = 1_000_000;

/**
 * Whether the file hides providers of the host. For a file that cannot be read the engine reports the error
 * itself.
 */
function hides(file: string, host: string): boolean {
  try {
    const status = statSync(file);
    if (!status.isFile() || status.size > MOST_BYTES) return false;
    return providerInstallations(readFileSync(file, "utf8")).some((block) => !block.includes(host));
  } catch {
    return false;
  }
}

function abbreviated(file: string, environment: EngineEnvironment): string {
  const home = homeOf(environment);
  return file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}

function homeOf({ HOME }: EngineEnvironment): string {
  return resolve(HOME || homedir());
}
