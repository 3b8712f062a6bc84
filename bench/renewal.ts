import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RenewalHost, type Row as TableRow } from "../test/on-host/renewal/support/renewal-host";
import { mustRun } from "../test/support/commands";
import { Pebble } from "../test/support/pebble";
import { inPairs, timed } from "./pairs";
import { count, type Row, row } from "./report";

const MOST_TIMES_OF_DEHYDRATED = 1.1;
const MONTHS = new Date(Date.now() + 80 * 86_400_000);

/** How long the command of the timer takes if nothing is due, next to `dehydrated -c` alone. Its rows have four names each. */
export async function benchRenewal({
  rows,
  times,
}: {
  readonly rows: number;
  readonly times: number;
}): Promise<Row[]> {
  const pebble = await Pebble.start({ badNonces: 0 });
  const on = new RenewalHost();
  try {
    await prepare(on, pebble, rows);
    const run = () =>
      on.run(["run"]).then(({ exitCode, output }) => {
        if (exitCode !== 0) throw new Error(`renewal run ended with ${exitCode}:\n${output}`);
      });
    // The first one installs everything.
    await run();
    const program = () => timed(run);
    const dehydrated = () => timed(() => alone(on));
    await inPairs(1, program, dehydrated);
    const comparison = await inPairs(times, program, dehydrated);
    const title = `renewal run of ${count(rows)} rows with nothing due`;
    return [row(title, comparison, "dehydrated -c", MOST_TIMES_OF_DEHYDRATED)];
  } finally {
    await pebble.stop();
    on.remove();
  }
}

/** Certificates as dehydrated has them, which is asked for none: it reads names and expiry of each. */
async function prepare(on: RenewalHost, pebble: Pebble, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index): TableRow => {
    const domain = `domain${index}.test`;
    return { names: [domain, `imap.${domain}`, `pop3.${domain}`, `smtp.${domain}`] };
  });
  on.declare(...rows);
  for (const each of rows) {
    await on.order(each, { notAfter: MONTHS });
    const directory = join(on.work, "certs", each.names[0]);
    // The leaf is the first certificate.
    writeFileSync(join(directory, "cert.pem"), readFileSync(join(directory, "fullchain.pem")));
  }
  const tokens = join(on.temporary, "tokens");
  mkdirSync(tokens);
  writeFileSync(join(on.directory, "ca.pem"), pebble.directoryCaPem);
  writeFileSync(join(on.directory, "domains.txt"), rows.map(({ names }) => `${names.join(" ")}\n`).join(""));
  const settings = [
    `CA="${pebble.directoryUrl}"`,
    `BASEDIR="${on.work}"`,
    `DOMAINS_TXT="${on.directory}/domains.txt"`,
    `WELLKNOWN="${tokens}"`,
    `CURL_OPTS="--cacert ${on.directory}/ca.pem"`,
    "CHALLENGETYPE=http-01",
  ];
  writeFileSync(join(on.directory, "alone"), `${settings.join("\n")}\n`);
  writeFileSync(join(on.directory, "config"), `${[...settings, `HOOK="${on.program}"`].join("\n")}\n`);
}

async function alone(on: RenewalHost): Promise<void> {
  const config = join(on.directory, "alone");
  await mustRun(["dehydrated", "-c", "--accept-terms", "--keep-going", "--no-lock", "-f", config]);
}
