import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

const MAIN = join(ROOT, "lib/provider/main.ts");

/** The provider from the sources as they are now. */
export async function buildProvider(parent: string, entry = MAIN): Promise<BuiltProvider> {
  const { file, content, version, h1 } = await bundleProvider(entry, {
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
  await startedBefore(file, environment);
  const bare = ["-e", "console.log(); setInterval(() => {}, 1000)"];
  const wallClock = await inPairs(
    times,
    async () => (await untilFirstLine([file], environment)).milliseconds,
    async () => (await untilFirstLine(bare, environment)).milliseconds,
  );
  const processor = await inPairs(
    times,
    async () => (await untilFirstLine([file], environment)).processorMilliseconds,
    async () => (await untilFirstLine(bare, environment)).processorMilliseconds,
  );
  const most = Number(process.versions.node.split(".")[0]) < 22 ? 110 : 90;
  return [
    row("Start of the provider until its handshake", wallClock, "node that prints a line"),
    {
      ...row("… in processor time", processor, "the same"),
      target: { text: `at most ${most} ms`, met: processor.ours <= most },
    },
    { measured: "Size of the provider's bundle", ours: megabytes(bytes) },
  ];
}

interface Start {
  readonly milliseconds: number;
  readonly processorMilliseconds: number;
}

function untilFirstLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Start> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((done, reject) => {
    let found: Start | undefined;
    child.once("error", reject);
    child.stdout.once("data", () => {
      const milliseconds = performance.now() - start;
      found = { milliseconds, processorMilliseconds: processorTimeOf(Number(child.pid)) };
      child.kill("SIGKILL");
    });
    child.once("close", (status) => {
      if (found === undefined) reject(new Error(`node ended with ${status} and printed nothing`));
      else done(found);
    });
  });
}

/** Of all threads of a process so far, in milliseconds: what other processes do hardly changes it. */
function processorTimeOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
}

/** Leaves the code that it has compiled for later starts: it ends by itself, since nothing reads its handshake. */
async function startedBefore(file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.destroy();
  await once(child, "exit");
}
