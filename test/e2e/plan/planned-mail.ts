import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataResource } from "cdktf";
import { Dovecot, HostNames, MailHost, MailSni, PrivateCa, Qmail } from "../../../lib";
import { type Ran, ran } from "../../cli/support/ran";
import type { Engine } from "../../support/engine";
import { StackProject } from "../../support/stack-project";

/** What a stack declares. */
export interface Declared {
  /** The names of each domain. */
  readonly domains: Readonly<Record<string, readonly string[]>>;
  /** @default "a.tld" */
  readonly defaultDomain?: string;
  /** @default mx1 and mx2 */
  readonly hosts?: readonly string[];
  /** The input of a resource of another provider. @default - no such resource */
  readonly note?: string;
}

/** What a run of the command has written. */
export interface PlanRun extends Ran {
  readonly markdown: string;
  readonly html: string;
}

/** A project with one stack, two hosts that are directories of this machine, and the command `mail-sni plan`. */
export class PlannedMail {
  static async create(engine: Engine): Promise<PlannedMail> {
    const mail = new PlannedMail(engine, await StackProject.create(engine));
    mail.write("cdktf.json", "{}");
    mail.write("base.json", EMPTY_TABLE);
    return mail;
  }

  private constructor(
    private readonly engine: Engine,
    private readonly project: StackProject,
  ) {}

  file(...names: readonly string[]): string {
    return join(this.project.directory, ...names);
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text);
    return this.file(name);
  }

  /** Synthesizes the stack, as a pull request does. */
  declare({ domains, defaultDomain = "a.tld", hosts = ["mx1", "mx2"], note }: Declared): void {
    this.project.synth((stack) => {
      const mailHosts = hosts.map((host) => {
        const root = this.file(host);
        mkdirSync(root, { recursive: true });
        return MailHost.local(stack, host, { root, services: [Qmail.standard(), Dovecot.v23()] });
      });
      const issuer = new PrivateCa(stack, "ca");
      const sni = new MailSni(stack, "sni", { hosts: mailHosts, issuer, defaultDomain });
      for (const [domain, names] of Object.entries(domains)) {
        sni.addDomain(domain, { names: HostNames.of(...(names as [string, ...string[]])) });
      }
      if (note !== undefined) new DataResource(stack, "note", { input: { note } });
    });
  }

  /** Deploys, and commits the table: what is planned after that is compared with it. */
  async deploy(declared: Declared): Promise<void> {
    this.declare(declared);
    const run = await this.project.apply();
    if (run.exitCode !== 0) throw new Error(`the apply failed:\n${run.errors.join("\n")}`);
    this.write("base.json", readFileSync(this.file("sni-table.json"), "utf8"));
  }

  /** Has the engine initialise the stack, without an apply. */
  async initialise(): Promise<void> {
    await this.project.plan();
  }

  /** @param more options beside those that name the project, its tables and the reports */
  async plan(...more: readonly string[]): Promise<PlanRun> {
    return this.run(this.#options(more));
  }

  /** The same, while the engine and the command write all that they can. */
  async tracedPlan(...more: readonly string[]): Promise<PlanRun> {
    return this.run(this.#options(more), { TF_LOG: "trace", TF_LOG_PROVIDER: "trace", MAIL_SNI_DEBUG: "1" });
  }

  /** @param options all of them, apart from the reports */
  async run(options: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<PlanRun> {
    const [markdown, html] = [this.file("plan.md"), this.file("plan.html")];
    for (const report of [markdown, html]) rmSync(report, { force: true });
    const reports = ["--base-table", this.file("base.json"), "--markdown", markdown, "--html", html];
    const environment = { ...process.env, TF_CLI_CONFIG_FILE: this.write("empty.tfrc", ""), ...more };
    const run = await ran(["plan", ...reports, ...options], { environment });
    return { ...run, markdown: textOf(markdown), html: textOf(html) };
  }

  /** A program that runs the engine some days later. */
  engineInDays(days: number): string {
    const path = this.write(
      "later",
      `#!/bin/sh\nexec faketime -f +${days}d "${this.engine.executable}" "$@"\n`,
    );
    chmodSync(path, 0o755);
    return path;
  }

  /** Saves a plan, and writes it as JSON. @returns both paths */
  async save(): Promise<{ readonly plan: string; readonly json: string }> {
    const [plan, json] = [this.file("saved.tfplan"), this.file("saved.json")];
    await this.project.plan({}, ["-out", plan]);
    writeFileSync(json, await this.project.show(plan));
    return { plan, json };
  }

  get state(): string {
    return readFileSync(this.file("terraform.tfstate"), "utf8");
  }

  remove(): void {
    this.project.remove();
  }

  #options(more: readonly string[]): readonly string[] {
    const engine = more.includes("--engine") ? [] : ["--engine", this.engine.executable];
    return ["--project", this.project.directory, ...engine, ...more];
  }
}

const EMPTY_TABLE = JSON.stringify({ version: 1, hosts: [], acknowledged: [], leftOut: [] });

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
