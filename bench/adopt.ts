import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Engine, startEngine, vendorProvider } from "../test/support/engine";
import { Pebble } from "../test/support/pebble";
import { findPebble } from "../test/support/pebble-installation";
import { APPLY, bareWorkspace } from "./engine";
import { inPairs, timed } from "./pairs";
import { ProcessWatch } from "./process-watch";
import type { BuiltProvider } from "./provider";
import { count, megabytes, type Row, row } from "./report";

const ADDRESS = "mail-sni.invalid/mail-sni/mailsni";
const ACCOUNT_FILE = "account.pem";

/** With fewer domains the starts of the provider are most of what is measured. */
const DOMAINS_OF_TARGET = 300;

const namesOf = (index: number) => [`d${index}.test`, `imap.d${index}.test`];

/**
 * How long the apply takes that takes over a host: it adopts each certificate from its files, and finds the same bytes on the
 * host; next to an apply of the same stack that changes nothing.
 */
export async function benchAdopt(
  engine: Engine,
  directory: string,
  built: BuiltProvider,
  { domains, times }: { readonly domains: number; readonly times: number },
): Promise<Row[]> {
  if (findPebble() === null) throw new Error("There is no Pebble here: `npm test` builds one.");
  const pebble = await Pebble.start({ badNonces: 0 });
  try {
    const stack = new AdoptingStack(engine, directory, built, pebble, domains);
    await stack.issue();
    pebble.forgetRequests();
    const measured = await compared(stack, times);
    const bare = await bareWorkspace(engine, directory, 2 * domains + 1, stack.stateBytes);
    const created = await inPairs(times, takingOver(stack, timed), () => {
      bare.clear();
      return timed(() => bare.run(APPLY));
    });
    const orders = pebble.requests.get("POST /order-plz") ?? 0;
    const title = `Taking over ${count(domains)} domains with their certificates and files, ${orders} orders`;
    const theirs = `as many \`terraform_data\`, created, ${megabytes(stack.stateBytes)} of state`;
    return [
      row(title, measured.time, "an apply that changes nothing"),
      row("… the same", created, theirs, domains >= DOMAINS_OF_TARGET ? 1.5 : undefined),
      row("… the provider's processor time of it", measured.processor, "an apply that changes nothing"),
    ];
  } finally {
    await pebble.stop();
  }
}

/** Taking over, next to an apply that changes nothing. */
async function compared(stack: AdoptingStack, times: number) {
  return {
    time: await inPairs(times, takingOver(stack, timed), () => timed(() => stack.run(APPLY))),
    // Hardly different from one run to the next.
    processor: await inPairs(
      1,
      takingOver(stack, (work) => work()),
      () => stack.run(APPLY),
    ),
  };
}

function takingOver(stack: AdoptingStack, measure: (work: () => Promise<number>) => Promise<number>) {
  return () => {
    stack.forget();
    return measure(() => stack.run(APPLY));
  };
}

/** A stack that adopts the certificates of a host. */
class AdoptingStack {
  readonly #version: string;

  constructor(
    private readonly engine: Engine,
    private readonly directory: string,
    private readonly built: BuiltProvider,
    private readonly pebble: Pebble,
    private readonly domains: number,
  ) {
    const manifest = readFileSync(join(built.directory, "manifest.json"), "utf8");
    this.#version = JSON.parse(manifest).version;
    mkdirSync(join(directory, "host"), { recursive: true });
    vendorProvider(directory, { address: ADDRESS, version: this.#version, file: built.file });
  }

  get stateBytes(): number {
    return statSync(join(this.directory, "terraform.tfstate")).size;
  }

  /** Issues the certificates, and leaves them on the host as another client would. */
  async issue(): Promise<void> {
    this.#declare({ adopts: false });
    await this.run(["init"]);
    await this.run(APPLY);
    // Once they are saved, the journal forgets them. Otherwise it would have them, and nothing would be adopted.
    await this.run(APPLY);
    leave(this.directory);
    this.#declare({ adopts: true });
  }

  /** Has the next apply take over: nothing is known of the certificates, nor of the files on the host. */
  forget(): void {
    rmSync(join(this.directory, "terraform.tfstate"));
    rmSync(join(this.directory, "host/state"), { recursive: true });
  }

  /** @returns the provider's processor time, in milliseconds */
  async run(args: readonly string[]): Promise<number> {
    const { process, finished } = startEngine(this.engine, this.directory, args);
    const watch = new ProcessWatch(process.pid as number, basename(this.built.file));
    const { exitCode, output } = await finished;
    const { cpuMilliseconds } = watch.stop();
    if (exitCode !== 0) throw new Error(output.slice(-2_000));
    return cpuMilliseconds;
  }

  #declare({ adopts }: { readonly adopts: boolean }): void {
    const { directory, domains } = this;
    const stack = configuration(this.pebble, { directory, version: this.#version, domains, adopts });
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify(stack));
  }
}

/** Writes the account's key and each certificate as another client would have left them. */
function leave(directory: string): void {
  const { resources } = JSON.parse(readFileSync(join(directory, "terraform.tfstate"), "utf8"));
  for (const { type, name, instances } of resources) {
    const { private_key_pem: key, certificate_pem: leaf, chain_pem: chain } = instances[0].attributes;
    const secret = { mode: 0o600 };
    if (type === "mailsni_acme_account") writeFileSync(join(directory, ACCOUNT_FILE), key, secret);
    if (type !== "mailsni_acme_certificate") continue;
    writeFileSync(join(directory, `${name}.crt`), `${leaf}${chain}`);
    writeFileSync(join(directory, `${name}.key`), key, secret);
  }
}

interface Options {
  readonly directory: string;
  readonly version: string;
  readonly domains: number;
  readonly adopts: boolean;
}

function configuration(pebble: Pebble, { directory, version, domains, adopts }: Options): object {
  const ca = { directory_url: pebble.directoryUrl, directory_ca_pem: pebble.directoryCaPem };
  const indexes = Array.from({ length: domains }, (_, index) => index);
  const account = adopts ? { adopt_key_file: join(directory, ACCOUNT_FILE) } : {};
  return {
    terraform: { required_providers: { mailsni: { source: ADDRESS, version } } },
    provider: {
      mailsni: {
        stack: "bench",
        hosts: {
          mx1: { root: join(directory, "host"), state_directory: "/state", apply_ownership: false },
          web: { state_directory: join(directory, "web-state") },
        },
      },
    },
    resource: {
      mailsni_acme_account: { pebble: { ...ca, terms_of_service_agreed: true, ...account } },
      mailsni_acme_certificate: Object.fromEntries(
        indexes.map((index) => [`c${index}`, { ...ca, ...certificate(pebble, index, directory, adopts) }]),
      ),
      mailsni_host_files: Object.fromEntries(indexes.map((index) => [`f${index}`, files(index)])),
    },
  };
}

function certificate(pebble: Pebble, index: number, directory: string, adopts: boolean): object {
  const file = (ending: string) => join(directory, `c${index}.${ending}`);
  return {
    account_url: "${mailsni_acme_account.pebble.url}",
    account_key_pem: "${mailsni_acme_account.pebble.private_key_pem}",
    names: namesOf(index),
    challenge: { webroot: pebble.web.directory, hosts: ["web"], dns_servers: [pebble.dnsServer] },
    ...(adopts && {
      adopt_certificate_file: file("crt"),
      adopt_private_key_file: file("key"),
      adopt_ordered_by: "${mailsni_acme_account.pebble.adopted_url}",
    }),
  };
}

function files(index: number): object {
  const path = `/etc/mail/d${index}.pem`;
  const pem = `mailsni_acme_certificate.c${index}`;
  return {
    host: "mx1",
    names: namesOf(index),
    files: { [path]: {} },
    secrets: { [path]: `\${${pem}.private_key_pem}\${${pem}.certificate_pem}\${${pem}.chain_pem}` },
  };
}
