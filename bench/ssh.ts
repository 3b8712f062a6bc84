import { cpSync } from "node:fs";
import { join } from "node:path";
import { findCommand, mustRun } from "../test/support/commands";
import type { Engine } from "../test/support/engine";
import { Relay } from "../test/support/relay";
import { AnsiblePlay, installAnsible } from "./ansible";
import type { BuiltProvider } from "./provider";
import { count, megabytes, type Row, row, seconds } from "./report";
import { SshBench } from "./ssh-host";
import { SshStack } from "./ssh-stack";

const TIMES_FASTER = 30;
/** Of the engine, where nothing else is said. */
const PARALLELISM = 10;
const ROUND_TRIP_MS = 50;

export interface SshBenchOptions {
  readonly domains: number;
  /**
   * How many of the domains Ansible copies. It takes seconds for each, so that a run with all takes many minutes: with
   * fewer, it is measured with so many and with twice as many, and what that comes to for all is put on the line through
   * both.
   */
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
    const synth = (name: string, some: number) =>
      SshStack.synth(engine, join(directory, name), provider, some, [bench.host]);
    const ours = await synth("ours", domains);
    const issued = await ours.deploy();
    bench.clear();
    // As an apply that mends a host on which everything is gone: the same files as the others', and all are known.
    const before = bench.reloads;
    const deploy = await ours.deploy();
    const reloads = bench.reloads - before;
    const plan = await ours.planWithoutChange();
    const resources = domains + 2;
    const rows: Row[] = [
      {
        measured: `Deploy of ${count(domains)} domains on a host by ssh, certificates issued`,
        ours: seconds(issued.milliseconds),
      },
      {
        measured: "… of certificates that are known",
        ours: seconds(deploy.milliseconds),
      },
      {
        measured: "… its reloads",
        ours: count(reloads),
        target: atMost(reloads, 2 * Math.ceil(resources / PARALLELISM)),
      },
      { measured: "… its round trips", ours: count(deploy.trips) },
      { measured: "… plan without a change", ours: seconds(plan.milliseconds) },
      {
        measured: "… its round trips",
        ours: count(plan.trips),
        target: atMost(plan.trips, Math.ceil((20 * resources) / 100)),
      },
    ];
    const trees = keep(bench, join(directory, "all"));
    rows.push(...(await withDelay(engine, join(directory, "far"), provider, bench, domains)));
    bench.clear();
    rows.push(...(await besideRsync(bench, trees, reloads, deploy.milliseconds)));
    const treesOf = async (some: number) => {
      bench.clear();
      await (await synth(`some-${some}`, some)).deploy();
      const copies = keep(bench, join(directory, `copies-${some}`));
      bench.clear();
      return copies;
    };
    const times = { issued: issued.milliseconds, deploy: deploy.milliseconds, plan: plan.milliseconds };
    const theirs = await ansibleTimes(bench, directory, treesOf, { domains, ansibleDomains });
    if (theirs !== null) rows.push(...besideAnsible(times, theirs));
    return rows;
  } finally {
    await bench.stop();
  }
}

/** The same on several hosts, and where the time goes. */
export async function benchFleet(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { domains, hosts, parallelism }: { domains: number; hosts: number; parallelism: number },
): Promise<Row[]> {
  const benches = await Promise.all(Array.from({ length: hosts }, () => SshBench.start()));
  try {
    const settings = benches.map(({ host }) => host);
    const stack = await SshStack.synth(engine, join(directory, "fleet"), provider, domains, settings);
    const deploy = await stack.deploy(parallelism);
    const reloads = benches.reduce((sum, bench) => sum + bench.reloads, 0);
    const plan = await stack.planWithoutChange(parallelism);
    const fleet = `${count(domains)} domains on ${hosts} hosts by ssh, ${parallelism} at a time`;
    const peakBytes = Math.max(deploy.peakBytes, plan.peakBytes);
    return [
      { measured: `Deploy of ${fleet}, certificates issued`, ours: seconds(deploy.milliseconds) },
      { measured: "… the provider's processor time of it", ours: seconds(deploy.cpuMilliseconds) },
      { measured: "… its round trips", ours: count(deploy.trips) },
      { measured: "… its reloads", ours: count(reloads) },
      { measured: "… plan without a change", ours: seconds(plan.milliseconds) },
      { measured: "… the provider's processor time of it", ours: seconds(plan.cpuMilliseconds) },
      { measured: "… its round trips", ours: count(plan.trips) },
      {
        measured: "… peak memory of the provider",
        ours: megabytes(peakBytes),
        target: { text: "at most 150 MB", met: peakBytes <= 150e6 },
      },
    ];
  } finally {
    for (const bench of benches) await bench.stop();
  }
}

function atMost(found: number, most: number): Row["target"] {
  return { text: `at most ${count(most)}`, met: found <= most };
}

async function withDelay(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  bench: SshBench,
  domains: number,
): Promise<Row[]> {
  const relay = await Relay.start(bench.ssh.port, { delayMs: ROUND_TRIP_MS / 2 });
  try {
    const far = { ...bench.host, address: `${bench.ssh.user}@127.0.0.1:${relay.port}` };
    const rows: Row[] = [];
    for (const parallelism of [PARALLELISM, 5 * PARALLELISM]) {
      bench.clear();
      const outdir = join(directory, String(parallelism));
      const stack = await SshStack.synth(engine, outdir, provider, domains, [far]);
      const deploy = await stack.deploy(parallelism);
      const plan = await stack.planWithoutChange(parallelism);
      const through = `through a relay that makes a round trip of ${ROUND_TRIP_MS} ms`;
      rows.push(
        {
          measured: `Deploy of as many ${through}, ${parallelism} at a time`,
          ours: seconds(deploy.milliseconds),
        },
        { measured: "… its round trips", ours: count(deploy.trips) },
        { measured: "… plan without a change", ours: seconds(plan.milliseconds) },
      );
    }
    return rows;
  } finally {
    await relay.stop();
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
      "Deploy of certificates that are known",
      { ours: deploy, theirs, ratio: deploy / theirs },
      `rsync and ${reloads} reloads, no checks`,
    ),
  ];
}

/** What Ansible takes, in milliseconds. */
interface AnsibleTimes {
  readonly first: number;
  readonly again: number;
  readonly what: string;
}

async function ansibleTimes(
  bench: SshBench,
  directory: string,
  treesOf: (domains: number) => Promise<readonly Tree[]>,
  { domains, ansibleDomains }: SshBenchOptions,
): Promise<AnsibleTimes | null> {
  const program = await installAnsible();
  if (program === null) return null;
  const measure = async (some: number) => {
    const play = new AnsiblePlay(program, join(directory, `ansible-${some}`), bench, await treesOf(some));
    return { first: await timed(() => play.run()), again: await timed(() => play.run()) };
  };
  if (ansibleDomains >= domains) return { ...(await measure(domains)), what: "Ansible, a task a file" };
  const [few, twice] = [await measure(ansibleDomains), await measure(2 * ansibleDomains)];
  const forAll = (one: number, other: number) =>
    one + ((other - one) / ansibleDomains) * (domains - ansibleDomains);
  const measured = (one: number, other: number) => `${seconds(one)} and ${seconds(other)}`;
  return {
    first: forAll(few.first, twice.first),
    again: forAll(few.again, twice.again),
    what:
      `Ansible, a task a file: on the line through ${ansibleDomains} and ${2 * ansibleDomains} domains, ` +
      `${measured(few.first, twice.first)}, without a change ${measured(few.again, twice.again)}`,
  };
}

function besideAnsible(
  { issued, deploy, plan }: { readonly issued: number; readonly deploy: number; readonly plan: number },
  { first, again, what }: AnsibleTimes,
): Row[] {
  const beside = (measured: string, ours: number, theirs: number) =>
    row(measured, { ours, theirs, ratio: ours / theirs }, what);
  return [
    faster(beside("Deploy of certificates that are known", deploy, first)),
    beside("Deploy, certificates issued as well", issued, first),
    faster(beside("Plan without a change", plan, again)),
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

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
