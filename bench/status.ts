import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Engine, runEngine } from "../test/support/engine";
import { runApp } from "./child";
import { APPLY } from "./engine";
import { inPairs } from "./pairs";
import { count, type Row, row } from "./report";

const DOMAINS = 1000;
const MOST_MILLISECONDS = 500;
const DAY_MS = 86_400_000;

/** The processor time of `mail-sni status` without that of the engine, next to the start of the command alone. */
export async function benchStatus(engine: Engine, directory: string, times: number): Promise<Row[]> {
  await deployedProject(engine, directory);
  const run = async (...args: string[]) => (await runApp("mail-sni", args)).milliseconds;
  const status = () => run("status", "--project", directory, "--engine", engine.executable);
  const start = () => run("--version");
  await inPairs(1, status, start);
  const comparison = await inPairs(times, status, start);
  const title = `Status of ${count(DOMAINS)} domains, in processor time without the engine's`;
  return [
    {
      ...row(title, comparison, "mail-sni --version"),
      target: { text: "at most 0.5 s", met: comparison.ours <= MOST_MILLISECONDS },
    },
  ];
}

/** A project whose one stack has the output that `MailSni` writes, deployed to a local state. */
async function deployedProject(engine: Engine, directory: string): Promise<void> {
  const stack = join(directory, "cdktf.out/stacks/bench");
  mkdirSync(stack, { recursive: true });
  const write = (path: string, content: object) => writeFileSync(path, JSON.stringify(content));
  write(join(directory, "cdktf.json"), {});
  write(join(directory, "cdktf.out/manifest.json"), {
    stacks: { bench: { workingDirectory: "stacks/bench" } },
  });
  write(join(stack, "cdk.tf.json"), { output: { mail_sni: { value: facts() } } });
  const { exitCode, output } = await runEngine(engine, stack, APPLY);
  if (exitCode !== 0) throw new Error(`${engine.name} apply ended with ${exitCode}:\n${output}`);
}

function facts(): object {
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  const certificates = Array.from({ length: DOMAINS }, (_, index) => [
    `domain${index + 1}.test`,
    {
      fingerprint_sha256: index.toString(16).padStart(64, "0"),
      issuer: "https://acme-v02.api.letsencrypt.org/directory",
      not_after: inDays(60 + index / 100),
      renew_at: inDays(30 + index / 100),
    },
  ]);
  return { version: 1, certificates: Object.fromEntries(certificates), pending: { mx1: [] } };
}
