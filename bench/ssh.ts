import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findCommand, mustRun } from "../test/support/commands";
import { type Engine, startEngine } from "../test/support/engine";
import { AnsiblePlay, installAnsible } from "./ansible";
import { runApp } from "./child";
import type { BuiltProvider } from "./provider";
import { count, type Row, row, seconds } from "./report";
import { SshBench } from "./ssh-host";

const DEPLOY = ["apply", "-auto-approve", "-input=false"];
const NO_CHANGE_PLAN = ["plan", "-detailed-exitcode", "-input=false"];
const TIMES_FASTER = 30;

export interface SshBenchOptions {
  readonly domains: number;
  /** Ansible takes minutes: so many of the domains are copied by it, and its time is put in proportion. */
  readonly ansibleDomains: number;
}

/** Deploying to one host by ssh and looking at it again, next to Ansible's tasks and rsync for the same files. */
export async function benchSsh(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { domains, ansibleDomains }: SshBenchOptions,
): Promise<Row[]> {
  const bench = await SshBench.start();
  try {
    const ours = await deployWith(engine, join(directory, "ours"), provider, bench, domains);
    const deploy = await timed(() => ours(DEPLOY));
    const { reloads } = bench;
    const plan = await timed(() => ours(NO_CHANGE_PLAN));
    const trees = keep(bench, join(directory, "all"));
    const title = `${count(domains)} domains on a host by ssh`;
    const rows: Row[] = [
      { measured: `Deploy of ${title}, certificates issued`, ours: seconds(deploy) },
      { measured: "… plan without a change", ours: seconds(plan) },
      { measured: "… reloads", ours: count(reloads) },
    ];
    bench.clear();
    rows.push(...(await besideRsync(bench, trees, reloads, deploy)));
    bench.clear();
    const few = await deployWith(engine, join(directory, "few"), provider, bench, ansibleDomains);
    await few(DEPLOY);
    const fewTrees = keep(bench, join(directory, "some"));
    bench.clear();
    rows.push(
      ...(await besideAnsible(bench, directory, fewTrees, { deploy, plan, share: domains / ansibleDomains })),
    );
    return rows;
  } finally {
    await bench.stop();
  }
}

interface Tree {
  readonly from: string;
  readonly to: string;
}

/** Copies what is on the host now. */
function keep(bench: SshBench, directory: string): Tree[] {
  return bench.contents.map((to, index) => {
    const from = join(directory, String(index));
    cpSync(to, from, { recursive: true, verbatimSymlinks: true });
    return { from, to };
  });
}

async function besideRsync(
  bench: SshBench,
  trees: readonly Tree[],
  reloads: number,
  deploy: number,
): Promise<Row[]> {
  const rsync = findCommand("rsync");
  if (rsync === null) return [];
  const ssh = sshCommand(bench);
  const theirs = await timed(async () => {
    for (const { from, to } of trees) {
      await mustRun([rsync, "-a", "-e", ssh.join(" "), `${from}/`, `${bench.ssh.user}@127.0.0.1:${to}`]);
    }
    for (let reload = 0; reload < reloads; reload++) {
      const command = `doveadm -c ${bench.dovecot.configFile} reload`;
      await mustRun([...ssh, `${bench.ssh.user}@127.0.0.1`, command]);
    }
  });
  return [
    row(
      "Deploy",
      { ours: deploy, theirs, ratio: deploy / theirs },
      `rsync and ${reloads} reloads, no checks`,
    ),
  ];
}

async function besideAnsible(
  bench: SshBench,
  directory: string,
  trees: readonly Tree[],
  { deploy, plan, share }: { readonly deploy: number; readonly plan: number; readonly share: number },
): Promise<Row[]> {
  const program = await installAnsible();
  if (program === null) return [];
  const play = new AnsiblePlay(program, join(directory, "ansible"), bench, trees);
  const first = (await timed(() => play.run())) * share;
  const again = (await timed(() => play.run())) * share;
  const what = share === 1 ? "Ansible, a task a file" : `Ansible, a task a file, ${share} times a part`;
  return [
    faster(row("Deploy", { ours: deploy, theirs: first, ratio: deploy / first }, what)),
    faster(row("Plan without a change", { ours: plan, theirs: again, ratio: plan / again }, what)),
  ];
}

function faster(of: Row): Row {
  const target = { text: `${TIMES_FASTER} times faster`, met: (of.ratio ?? 1) <= 1 / TIMES_FASTER };
  return { ...of, target };
}

function sshCommand({ ssh, host }: SshBench): [string, ...string[]] {
  const known = ssh.file("known_hosts", `[127.0.0.1]:${ssh.port} ${ssh.hostKey}\n`);
  const options = ["-F", host.sshConfigFile, "-i", ssh.identityFile, "-p", String(ssh.port)];
  return ["ssh", ...options, "-o", `UserKnownHostsFile=${known}`];
}

async function deployWith(
  engine: Engine,
  outdir: string,
  provider: BuiltProvider,
  bench: SshBench,
  domains: number,
): Promise<(args: readonly string[]) => Promise<void>> {
  mkdirSync(outdir, { recursive: true });
  await runApp("ssh-domains", [outdir, provider.directory, String(domains), JSON.stringify(bench.host)]);
  const directory = join(outdir, "stacks/bench");
  const run = async (args: readonly string[]) => {
    const { exitCode, output } = await startEngine(engine, directory, args).finished;
    if (exitCode !== 0)
      throw new Error(`${engine.name} ${args.join(" ")} ended with ${exitCode}:\n${output}`);
  };
  rmSync(join(directory, "terraform.tfstate"), { force: true });
  await run(["init", "-input=false"]);
  return run;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
