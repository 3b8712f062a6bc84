import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleProvider, packageVersion } from "../build/provider-bundle";
import { createServerCertificate } from "../lib/provider/protocol/wire/certificate";
import { ROOT } from "./child";
import { inPairs } from "./pairs";
import { megabytes, type Row, row } from "./report";

export interface BuiltProvider {
  /** Holds the bundle and its manifest, as `dist/provider` does. */
  readonly directory: string;
  readonly file: string;
  readonly bytes: number;
}

/** The provider from the sources as they are now. */
export async function buildProvider(parent: string): Promise<BuiltProvider> {
  const { file, content, version, h1 } = await bundleProvider(join(ROOT, "lib/provider/main.ts"), {
    file: "terraform-provider-mailsni.cjs",
    packageVersion: packageVersion(ROOT),
  });
  const directory = join(parent, "provider");
  mkdirSync(directory);
  writeFileSync(join(directory, file), content);
  chmodSync(join(directory, file), 0o755);
  writeFileSync(join(directory, "manifest.json"), JSON.stringify({ version, file, h1 }));
  return { directory, file: join(directory, file), bytes: content.length };
}

/** How long an engine waits for the provider, which it starts three times for a plan. */
export async function benchProviderStart(
  directory: string,
  { file, bytes }: BuiltProvider,
  times: number,
): Promise<Row[]> {
  const { certificatePem } = createServerCertificate();
  const environment = {
    ...process.env,
    TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    PLUGIN_PROTOCOL_VERSIONS: "6",
    PLUGIN_CLIENT_CERT: certificatePem,
    PLUGIN_UNIX_SOCKET_DIR: directory,
  };
  const comparison = await inPairs(
    times,
    () => untilFirstLine([file], environment),
    () => untilFirstLine(["-e", "console.log(); setInterval(() => {}, 1000)"], environment),
  );
  return [
    row("Start of the provider until its handshake", comparison, "node that prints a line"),
    { measured: "Size of the provider's bundle", ours: megabytes(bytes) },
  ];
}

function untilFirstLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((done, reject) => {
    let milliseconds: number | undefined;
    child.once("error", reject);
    child.stdout.once("data", () => {
      milliseconds = performance.now() - start;
      child.kill("SIGKILL");
    });
    child.once("close", (status) => {
      if (milliseconds === undefined) reject(new Error(`node ended with ${status} and printed nothing`));
      else done(milliseconds);
    });
  });
}
