import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findCommand } from "./commands";
import { findTofu } from "./tofu";

/** A Terraform or OpenTofu that was found on this machine. */
export interface Engine {
  readonly name: "terraform" | "tofu";
  readonly executable: string;
}

export interface EngineRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, stdout first: what a person would read. */
  readonly output: string;
}

export interface EngineOptions {
  /** Added to, or replacing, the environment of the run. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The engines to test with, those that are here. For `describe.each`, with `$name` in the title. */
export function findEngines(): readonly Engine[] {
  const [terraform, tofu] = [findCommand("terraform"), findTofu()];
  return [
    ...(terraform ? [{ name: "terraform", executable: terraform } as const] : []),
    ...(tofu ? [{ name: "tofu", executable: tofu } as const] : []),
  ];
}

/** Runs the engine in `directory` to its end. A failure is a result, never thrown. */
export function runEngine(
  engine: Engine,
  directory: string,
  args: readonly string[],
  options: EngineOptions = {},
): Promise<EngineRun> {
  return startEngine(engine, directory, args, options).finished;
}

/** Starts the engine in `directory`, for tests that interrupt or kill it. */
export function startEngine(
  engine: Engine,
  directory: string,
  args: readonly string[],
  { env = {} }: EngineOptions = {},
): { readonly process: ChildProcess; readonly finished: Promise<EngineRun> } {
  const child = spawn(engine.executable, args, {
    cwd: directory,
    env: { ...engineEnvironment(directory), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const finished = new Promise<EngineRun>((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    child.once("error", reject);
    child.once("close", (exitCode) => {
      const [out, err] = [stdout, stderr].map((chunks) => Buffer.concat(chunks).toString()) as [
        string,
        string,
      ];
      resolve({ exitCode, stdout: out, stderr: err, output: out + err });
    });
  });
  return { process: child, finished };
}

/**
 * Nothing of the user's own configuration: an empty CLI configuration, no check for new versions, no colours, no
 * questions. What is left of `TF_*` in the environment of the tests is taken out.
 */
function engineEnvironment(directory: string): NodeJS.ProcessEnv {
  const cliConfiguration = join(directory, ".empty.tfrc");
  writeFileSync(cliConfiguration, "");
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TF_"))),
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: cliConfiguration,
    TF_CLI_ARGS: "-no-color",
    TF_INPUT: "0",
    TF_IN_AUTOMATION: "1",
  };
}

/** A fresh directory with these files in it, and how to be rid of it. */
export async function temporaryDirectory(
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly path: string; remove(): void }> {
  const path = await mkdtemp(join(tmpdir(), "mail-sni-test-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface VendoredProvider {
  /** Such as `mail-sni.invalid/mail-sni/mailsni`. */
  readonly address: string;
  readonly version: string;
  /** The bundle, whose name begins `terraform-provider-TYPE`. */
  readonly file: string;
}

/**
 * Puts a provider into `directory` as a stack carries it: below `terraform.d/plugins` for this platform, and with its
 * entry in `.terraform.lock.hcl`.
 */
export function vendorProvider(directory: string, { address, version, file }: VendoredProvider): void {
  const packageDirectory = join(directory, "terraform.d/plugins", address, version, enginePlatform());
  mkdirSync(packageDirectory, { recursive: true });
  copyFileSync(file, join(packageDirectory, basename(file)));
  const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
  const h1 = createHash("sha256")
    .update(`${digest}  ${basename(file)}\n`)
    .digest("base64");
  writeFileSync(
    join(directory, ".terraform.lock.hcl"),
    `provider "${address}" {\n  version     = "${version}"\n  constraints = "${version}"\n  hashes      = ["h1:${h1}"]\n}\n`,
    { flag: "a" },
  );
}

/** Such as `linux_amd64`: the engines' name of the platform that runs the tests. */
function enginePlatform(): string {
  return `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
}
