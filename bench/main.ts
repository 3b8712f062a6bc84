import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { JOURNAL_VARIABLE } from "../lib/shared/journal/place";
import { type Engine, findEngines } from "../test/support/engine";
import { benchAcme } from "./acme";
import { benchAdopt } from "./adopt";
import { compileApps } from "./child";
import { benchEngine, benchState } from "./engine";
import { benchImport } from "./import";
import { benchPlan } from "./plan";
import { benchPostgresql } from "./postgresql";
import { benchProviderStart, buildProvider } from "./provider";
import { benchRecordedAnswers } from "./recorded-answers";
import { benchRenew } from "./renew";
import { benchRenewal } from "./renewal";
import { type Row, table } from "./report";
import { benchFleet, benchSsh } from "./ssh";
import { benchStatus } from "./status";
import { benchReview, benchSynth } from "./synth";
import { benchVerify } from "./verify";

const USAGE = `npm run bench [-- [--only PART] [--resources N] [--times N] [--ansible N] [--hosts N] [--parallelism N]
                  [--engine NAME]]

PARTs are synth, engine, postgresql, provider, recorded, acme, adopt, verify, status, plan, renew, renewal, import, ssh and
fleet.

Prints a Markdown table of what the provider and the constructs cost, each next to the least that the same could cost.
Everything is measured in pairs, one after the other, on a machine that should have nothing else to do; a whole run takes
some twenty minutes, most of it for 1,000 resources.

"recorded" is measured only where it is named: a provider that has its answers from a file, which no provider on the same
gRPC library can be faster than.

"import" is measured only where it is named: of a host by ssh, as root.

"ssh" is measured only where it is named: next to Ansible and rsync, on a host by ssh with a real Dovecot, as root. With
--ansible N Ansible copies N of the domains, and twice as many, and what all would take is put on the line through both: it
takes seconds a domain.

"fleet" is measured only where it is named: on --hosts N (4) of that kind, with --parallelism N (100) of the engine.

The engine is Terraform where it is on the PATH. --engine tofu measures with OpenTofu.`;

/** Measures what `--only` names, or everything; exits with 1 where a target is missed. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      resources: { type: "string" },
      times: { type: "string" },
      ansible: { type: "string" },
      hosts: { type: "string" },
      parallelism: { type: "string" },
      engine: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(USAGE);
  const someEngine = () => engineNamed(values.engine);
  const wants = (part: string) => values.only === undefined || values.only === part;
  const times = (usual: number) => Number(values.times ?? usual);
  const sizes = values.resources === undefined ? [300, 1000] : [Number(values.resources)];

  const directory = mkdtempSync(join(tmpdir(), "mail-sni-bench-"));
  // Not the journal of the user who measures.
  process.env[JOURNAL_VARIABLE] = join(directory, "issuance-journal");
  const rows: Row[] = [];
  const add = (more: readonly Row[]) => {
    rows.push(...more);
    for (const { measured } of more) console.error(`measured: ${measured}`);
  };
  try {
    await compileApps();
    const provider = await buildProvider(directory);
    const inside = (name: string) => {
      const path = join(directory, name);
      mkdirSync(path);
      return path;
    };
    if (wants("synth")) {
      add(await benchSynth(inside("synth"), provider.directory, times(5)));
      add(await benchReview(inside("review"), provider.directory, times(5)));
    }
    if (wants("engine")) {
      for (const resources of sizes) {
        const memory = resources === Math.max(...sizes);
        const options = { resources, times: times(resources > 500 ? 3 : 5), memory };
        add(await benchEngine(someEngine(), inside(`engine-${resources}`), provider, options));
      }
      add(await benchState(someEngine(), inside("state"), provider));
    }
    if (wants("postgresql")) {
      const resources = Number(values.resources ?? 300);
      add(
        await benchPostgresql(someEngine(), inside("postgresql"), provider, { resources, times: times(3) }),
      );
    }
    if (wants("acme")) {
      const certificates = values.resources === undefined ? [25, 200] : [Number(values.resources)];
      add(await benchAcme(someEngine(), inside("acme"), provider, { sizes: certificates, times: times(5) }));
    }
    if (wants("adopt")) {
      const domains = Number(values.resources ?? 300);
      add(await benchAdopt(someEngine(), inside("adopt"), provider, { domains, times: times(5) }));
    }
    // The command as it is packed.
    if (["verify", "status", "plan", "renew", "import"].some(wants)) {
      execFileSync("npm", ["run", "--silent", "build:cli"], { stdio: "inherit" });
    }
    if (wants("verify")) add(await benchVerify(inside("verify"), times(5)));
    if (wants("status")) {
      add(await benchStatus(someEngine(), inside("status"), times(9)));
    }
    if (wants("plan")) {
      const resources = Number(values.resources ?? 5000);
      add(await benchPlan(someEngine(), inside("plan"), provider, { resources, times: times(3) }));
    }
    if (wants("renew")) {
      const resources = Number(values.resources ?? 1000);
      add(await benchRenew(someEngine(), inside("renew"), provider, { resources, times: times(5) }));
    }
    if (wants("renewal")) add(await benchRenewal({ rows: Number(values.resources ?? 200), times: times(5) }));
    if (values.only === "recorded") {
      const resources = Number(values.resources ?? 300);
      const options = { resources, times: times(7) };
      add(await benchRecordedAnswers(someEngine(), inside("recorded"), provider, options));
    }
    if (values.only === "import") add(await benchImport(times(3)));
    if (values.only === "ssh") {
      const domains = Number(values.resources ?? 100);
      const ansibleDomains = Number(values.ansible ?? domains);
      add(await benchSsh(someEngine(), inside("ssh"), provider, { domains, ansibleDomains }));
    }
    if (values.only === "fleet") {
      const domains = Number(values.resources ?? 300);
      const [hosts, parallelism] = [Number(values.hosts ?? 4), Number(values.parallelism ?? 100)];
      add(await benchFleet(someEngine(), inside("fleet"), provider, { domains, hosts, parallelism }));
    }
    if (wants("provider")) add(await benchProviderStart(inside("start"), provider, times(15)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  console.log(`${cpus().length} cores, ${process.platform}, Node ${process.versions.node}\n\n${table(rows)}`);
  if (rows.some(({ target }) => target?.met === false)) process.exitCode = 1;
}

/**
 * @param name @default the first that is here
 * @throws Error if it is not here
 */
function engineNamed(name: string | undefined): Engine {
  const engine = findEngines().find((one) => name === undefined || one.name === name);
  if (engine === undefined) throw new Error(`${name ?? "an engine"} is not on this machine`);
  return engine;
}

void main();
