import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type JournalEntry, parseLatest } from "../../../lib/shared/journal/entry";
import { builtProvider, PROVIDER_ADDRESS } from "../../support/built-provider";
import { type Engine, type EngineRun, startEngine, vendorProvider } from "../../support/engine";
import type { Pebble } from "../../support/pebble";
import { killAll, processesIn, providersIn } from "../../support/processes";
import type { RemoteStates } from "./remote-states";

export interface JournaledStackOptions {
  readonly engine: Engine;
  readonly pebble: Pebble;
  /** Where the state is. @default a local file */
  readonly states?: RemoteStates | undefined;
  /** The host of the journal, as the provider's `hosts` has it. @default it is in a directory of this machine */
  readonly journalHost?: object | undefined;
  readonly passphrase?: string;
}

/** What is killed. */
export type Victim = "engine" | "provider" | "both";

/** A stack with an account, and certificates of one name each, that a Pebble issues. */
export class JournaledStack {
  static async create(options: JournaledStackOptions): Promise<JournaledStack> {
    const built = await builtProvider();
    const stack = new JournaledStack(options, built.version);
    vendorProvider(stack.directory, built);
    return stack;
  }

  readonly directory = mkdtempSync(join(tmpdir(), "mail-sni-journaled-"));
  readonly #home = mkdtempSync(join(tmpdir(), "mail-sni-journal-home-"));
  /** By which the remote backend knows its state. */
  #stateName = basename(this.directory);
  #passphrase: string | undefined;

  private constructor(
    private readonly options: JournaledStackOptions,
    private readonly version: string,
  ) {
    this.#passphrase = options.passphrase;
  }

  get journal(): string {
    return join(this.#home, "journal");
  }

  /** The files of a journal on this machine, with what they say. */
  get entries(): readonly { readonly file: string; readonly entry: JournalEntry }[] {
    return readdirSync(this.journal)
      .filter((name) => !name.endsWith(".new"))
      .map((name) => join(this.journal, name))
      .map((file) => ({ file, entry: parseLatest(readFileSync(file, "utf8")) }));
  }

  /** From the next run on. */
  set passphrase(passphrase: string) {
    this.#passphrase = passphrase;
  }

  /** Another state of the remote backend. It counts once the stack is declared and initialised with it. */
  set stateName(name: string) {
    this.#stateName = name;
  }

  /**
   * @param certificates the names of each
   * @param reissue another text than before has all of them issued once more
   */
  declare(certificates: readonly (readonly [string, ...string[]])[], reissue?: string): void {
    const { pebble, states, journalHost } = this.options;
    const directory = { directory_url: pebble.directoryUrl, directory_ca_pem: pebble.directoryCaPem };
    const state_id = "${mailsni_state_identity.this.id}";
    const certificate = (names: readonly string[]) => ({
      ...directory,
      state_id,
      account_url: "${mailsni_acme_account.pebble.url}",
      account_key_pem: "${mailsni_acme_account.pebble.private_key_pem}",
      names,
      reissue,
      challenge: { webroot: pebble.web.directory, hosts: ["web"], dns_servers: [pebble.dnsServer] },
    });
    const backend = states && { backend: states.backend(this.#stateName) };
    const configuration = {
      terraform: {
        required_providers: { mailsni: { source: PROVIDER_ADDRESS, version: this.version } },
        ...backend,
      },
      provider: {
        mailsni: {
          stack: "mail",
          hosts: { web: { ownership: "skip" }, ...(journalHost && { mx1: journalHost }) },
          ...(journalHost && { journal: { hosts: ["mx1"] } }),
        },
      },
      resource: {
        mailsni_state_identity: { this: {} },
        mailsni_acme_account: { pebble: { ...directory, state_id, terms_of_service_agreed: true } },
        mailsni_acme_certificate: Object.fromEntries(
          certificates.map((names) => [names[0].replaceAll(".", "_"), certificate(names)]),
        ),
      },
    };
    writeFileSync(join(this.directory, "main.tf.json"), JSON.stringify(configuration, null, 1));
  }

  async init(): Promise<void> {
    const run = await this.#start(["init", "-reconfigure"]).finished;
    if (run.exitCode !== 0) throw new Error(run.output);
  }

  /** Makes another workspace, with an empty state, which is selected from then on. */
  async selectNewWorkspace(name: string): Promise<void> {
    const run = await this.#start(["workspace", "new", name]).finished;
    if (run.exitCode !== 0) throw new Error(run.output);
  }

  apply(env: Readonly<Record<string, string>> = {}): Promise<EngineRun> {
    return this.#start(APPLY, env).finished;
  }

  /** Its exit code is 0 if the plan is empty, 2 if it is not. */
  plan(): Promise<EngineRun> {
    return this.#start(["plan", "-detailed-exitcode", "-lock=false"]).finished;
  }

  /** Applies until `isTime`, and kills then. @returns whether anything was killed */
  async applyUntil(
    isTime: () => boolean,
    victim: Victim,
    env: Readonly<Record<string, string>> = {},
  ): Promise<boolean> {
    const { process: engine, finished } = this.#start(APPLY, env);
    let ended = false;
    void finished.then(() => {
      ended = true;
    });
    while (!ended && !isTime()) await delay(10);
    if (!ended) {
      if (victim !== "provider") engine.kill("SIGKILL");
      if (victim !== "engine") killAll(providersIn(this.directory));
    }
    const killed = !ended;
    await finished;
    return killed;
  }

  /** Applies until `isTime`. The engine is killed then; its provider stops, and goes on when it is told to. */
  async applyUntilOrphaned(isTime: () => boolean): Promise<() => void> {
    const { process: engine, finished } = this.#start(APPLY);
    while (!isTime()) await delay(10);
    const providers = providersIn(this.directory);
    for (const pid of providers) process.kill(pid, "SIGSTOP");
    engine.kill("SIGKILL");
    await finished;
    return () => {
      for (const pid of providers) process.kill(pid, "SIGCONT");
    };
  }

  /** An apply beside a provider that has stopped. It waits for it when this is done. @throws Error if it ends without that */
  async applyUntilItWaits(): Promise<{ readonly finished: Promise<EngineRun> }> {
    const { process: engine, finished } = this.#start(APPLY, { TF_LOG_PROVIDER: "INFO" });
    let said = "";
    const waits = new Promise<void>((done) => {
      engine.stderr?.on("data", (text) => {
        said += text;
        if (said.includes("Waits for another run")) done();
      });
    });
    const ended = finished.then(({ output }) => {
      throw new Error(`It did not wait:\n${output}`);
    });
    await Promise.race([waits, ended]);
    return { finished };
  }

  /** As docs/operations.md says: Terraform rewrites a local state in place, and may be killed while the file is empty. */
  restoreState(): void {
    const file = join(this.directory, "terraform.tfstate");
    if (existsSync(file) && !isJson(file)) copyFileSync(`${file}.backup`, file);
  }

  /** The state, as the engine has saved it. */
  async state(): Promise<{
    readonly resources: readonly {
      readonly type: string;
      readonly instances: readonly { readonly attributes: Readonly<Record<string, string>> }[];
    }[];
  }> {
    const { stdout, exitCode, output } = await this.#start(["state", "pull"]).finished;
    if (exitCode !== 0) throw new Error(output);
    return JSON.parse(stdout);
  }

  /** The serial numbers of the certificates in the state. */
  async serials(): Promise<string[]> {
    const { resources } = await this.state();
    return resources
      .filter(({ type }) => type === "mailsni_acme_certificate")
      .flatMap(({ instances }) => instances.map(({ attributes }) => String(attributes.serial)));
  }

  remove(): void {
    killAll(processesIn(this.directory));
    for (const directory of [this.directory, this.#home]) rmSync(directory, { recursive: true, force: true });
  }

  #start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { engine, states, journalHost } = this.options;
    return startEngine(engine, this.directory, args, {
      env: {
        ...states?.environment(this.#stateName),
        // Empty is as if it were not set.
        MAIL_SNI_JOURNAL: journalHost ? "" : this.journal,
        ...(this.#passphrase !== undefined && { MAIL_SNI_KEY_PASSPHRASE: this.#passphrase }),
        ...env,
      },
    });
  }
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}

const APPLY = ["apply", "-auto-approve", "-lock=false"];
