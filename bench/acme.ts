import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCommand, mustRun } from "../test/support/commands";
import { type Engine, runEngine, vendorProvider } from "../test/support/engine";
import { Pebble } from "../test/support/pebble";
import { findPebble } from "../test/support/pebble-installation";
import { APPLY, bareWorkspace, checkSameSize, NO_CHANGE_PLAN } from "./engine";
import { type Comparison, inPairs, timed } from "./pairs";
import type { BuiltProvider } from "./provider";
import { count, megabytes, type Row, row, seconds } from "./report";

const NAMES_EACH = 4;
/** Of fewer, a plan is the time in which the engine starts the provider. */
const FEW = 100;
/** More would take dehydrated half an hour. */
const MOST_FOR_DEHYDRATED = 25;

/**
 * How long certificates take that are ordered from Pebble on this machine, each for four names that are proven over HTTP,
 * next to dehydrated where it is installed; and how long it takes to find that nothing is due, next to dehydrated and to as
 * many `terraform_data` with as many bytes of state.
 */
export async function benchAcme(
  engine: Engine,
  directory: string,
  built: BuiltProvider,
  { sizes, times }: { readonly sizes: readonly number[]; readonly times: number },
): Promise<Row[]> {
  if (findPebble() === null) throw new Error("There is no Pebble here: `npm test` builds one.");
  const rows: Row[] = [];
  for (const size of sizes) {
    const domains = Array.from({ length: size }, (_, index) => namesOf(index));
    const ours = await provider(engine, join(directory, `ours-${size}`), built, { domains, times });
    const compared = findCommand("dehydrated") !== null && size <= MOST_FOR_DEHYDRATED;
    const theirs = compared ? await dehydrated(join(directory, `dehydrated-${size}`), domains) : undefined;
    const title = `${count(size)} certificates × ${NAMES_EACH} names from Pebble`;
    rows.push(
      line(`${title}, ${ours.requests.toFixed(1)} requests each`, ours.orders, theirs?.orders, 1 / 20),
      line("… plan with nothing due", ours.nothing, theirs?.nothing),
      row("… the same", ours.plans, `as many \`terraform_data\`, ${megabytes(ours.stateBytes)} of state`),
      row("… the same, with a CA that is away", ours.plansAlone, "the same", size < FEW ? undefined : 5),
    );
    if (size < FEW) continue;
    const journaled = await withJournal(engine, join(directory, `journal-${size}`), built, domains, times);
    rows.push(row(`${title}, with the issuance journal`, journaled, "without", 1.05));
  }
  return rows;
}

interface ProviderTimes extends Times {
  /** For each certificate, until all are there. */
  readonly requests: number;
  readonly stateBytes: number;
  /** Plans that change nothing, next to those of `terraform_data`. */
  readonly plans: Comparison;
  /** The same where no CA answers when certificates are due: what is left is the provider. */
  readonly plansAlone: Comparison;
}

interface Times {
  readonly orders: number;
  readonly nothing: number;
}

function line(measured: string, ours: number, theirs: number | undefined, atMost?: number): Row {
  if (theirs === undefined) return { measured, ours: seconds(ours) };
  const ratio = ours / theirs;
  const target = atMost && { text: `at most 1/${1 / atMost}`, met: ratio <= atMost };
  return {
    measured,
    ours: seconds(ours),
    compared: `${seconds(theirs)} (dehydrated)`,
    ratio,
    ...(target && { target }),
  };
}

function namesOf(index: number): readonly string[] {
  return ["imap", "smtp", "mail", "pop3"].map((label) => `${label}.d${index}.test`);
}

async function provider(
  engine: Engine,
  directory: string,
  built: BuiltProvider,
  { domains, times }: { readonly domains: readonly (readonly string[])[]; readonly times: number },
): Promise<ProviderTimes> {
  const pebble = await Pebble.start();
  try {
    mkdirSync(directory);
    const { version } = JSON.parse(readFileSync(join(built.directory, "manifest.json"), "utf8"));
    vendorProvider(directory, { address: ADDRESS, version, file: built.file });
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify(configuration(pebble, domains, version)));
    const run = async (...args: string[]) => {
      const { exitCode, output } = await runEngine(engine, directory, args);
      if (exitCode !== 0) throw new Error(output.slice(-2_000));
    };
    await run("init");
    const orders = await timed(() => run(...APPLY));
    const requests = [...pebble.requests.values()].reduce((sum, number) => sum + number, 0);
    const stateBytes = statSync(join(directory, "terraform.tfstate")).size;
    const bare = await bareWorkspace(engine, directory, domains.length + 1, stateBytes);
    await bare.run(APPLY);
    checkSameSize(stateBytes, bare.stateBytes);
    const compared = () =>
      inPairs(
        times,
        () => timed(() => run(...NO_CHANGE_PLAN)),
        () => timed(() => bare.run(NO_CHANGE_PLAN)),
      );
    const plans = await compared();
    await pebble.gate.shut();
    const plansAlone = await compared();
    return {
      orders,
      nothing: plans.ours,
      requests: requests / domains.length,
      stateBytes,
      plans,
      plansAlone,
    };
  } finally {
    await pebble.stop();
  }
}

/** First applies with the journal, next to those without: each with an account of its own, so that every name is proven. */
async function withJournal(
  engine: Engine,
  directory: string,
  built: BuiltProvider,
  domains: readonly (readonly string[])[],
  times: number,
): Promise<Comparison> {
  const pebble = await Pebble.start();
  try {
    mkdirSync(directory);
    const { version } = JSON.parse(readFileSync(join(built.directory, "manifest.json"), "utf8"));
    vendorProvider(directory, { address: ADDRESS, version, file: built.file });
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify(configuration(pebble, domains, version)));
    const journal = join(directory, "journal");
    const run = async (args: readonly string[], place: string) => {
      const { exitCode, output } = await runEngine(engine, directory, args, {
        env: { MAIL_SNI_JOURNAL: place },
      });
      if (exitCode !== 0) throw new Error(output.slice(-2_000));
    };
    await run(["init"], "off");
    const first = (place: string) => async () => {
      rmSync(journal, { recursive: true, force: true });
      for (const file of ["terraform.tfstate", "terraform.tfstate.backup"])
        rmSync(join(directory, file), { force: true });
      return timed(() => run(APPLY, place));
    };
    return await inPairs(times, first(journal), first("off"));
  } finally {
    await pebble.stop();
  }
}

const ADDRESS = "mail-sni.invalid/mail-sni/mailsni";

function configuration(pebble: Pebble, domains: readonly (readonly string[])[], version: string): object {
  const directory = { directory_url: pebble.directoryUrl, directory_ca_pem: pebble.directoryCaPem };
  const certificates = domains.map((names, index) => [
    `c${index}`,
    {
      ...directory,
      account_url: "${mailsni_acme_account.pebble.url}",
      account_key_pem: "${mailsni_acme_account.pebble.private_key_pem}",
      names,
      challenge: { webroot: pebble.web.directory, dns_servers: [pebble.dnsServer] },
    },
  ]);
  return {
    terraform: { required_providers: { mailsni: { source: ADDRESS, version } } },
    provider: { mailsni: { stack: "bench", hosts: { mx1: {} } } },
    resource: {
      mailsni_acme_account: { pebble: { ...directory, terms_of_service_agreed: true } },
      mailsni_acme_certificate: Object.fromEntries(certificates),
    },
  };
}

async function dehydrated(directory: string, domains: readonly (readonly string[])[]): Promise<Times> {
  // It gives up where a nonce is refused, which Pebble does to one in twenty.
  const pebble = await Pebble.start({ badNonces: 0 });
  try {
    mkdirSync(directory);
    const wellKnown = join(pebble.web.directory, ".well-known/acme-challenge");
    mkdirSync(wellKnown, { recursive: true });
    const [config, ca] = [join(directory, "config"), join(directory, "ca.pem")];
    writeFileSync(ca, pebble.directoryCaPem);
    writeFileSync(join(directory, "domains.txt"), domains.map((names) => `${names.join(" ")}\n`).join(""));
    writeFileSync(
      config,
      [
        `CA="${pebble.directoryUrl}"`,
        `BASEDIR="${directory}"`,
        `WELLKNOWN="${wellKnown}"`,
        `CURL_OPTS="--cacert ${ca}"`,
        'KEY_ALGO="prime256v1"',
        "",
      ].join("\n"),
    );
    await mustRun(["dehydrated", "--register", "--accept-terms", "-f", config]);
    const run = () => mustRun(["dehydrated", "-c", "-f", config], { timeoutMs: 1_800_000 });
    return { orders: await timed(run), nothing: await timed(run) };
  } finally {
    await pebble.stop();
  }
}
