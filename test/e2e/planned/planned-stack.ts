import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { Dovecot, HostNames, MailHost, MailSni, PrivateCa, Qmail } from "../../../lib";
import { applyPlan } from "../../../lib/cli/engine/apply";
import type { DiagnosedRun } from "../../../lib/cli/engine/diagnosed-run";
import { type Engine as CommandEngine, engineOf } from "../../../lib/cli/engine/engine";
import { type EnginePlan, planStack } from "../../../lib/cli/engine/plan";
import { showPlan } from "../../../lib/cli/engine/show";
import type { PlannedChange, StackPlan } from "../../../lib/cli/planned/planned-change";
import { PlanReader } from "../../../lib/cli/planned/read-plan";
import { withPrivateDirectory } from "../../../lib/cli/process/private-directory";
import type { Engine } from "../../support/engine";
import { StackProject } from "../../support/stack-project";

export interface Declared {
  /** The names before each domain. */
  readonly domains: Readonly<Record<string, readonly string[]>>;
  /** Blocks of the configuration that are not this library's, by path. */
  readonly others?: Readonly<Record<string, unknown>>;
  /** @default false */
  readonly servedChecks?: boolean;
}

/** A saved plan as the command reads it, while its file is there. */
export interface Planned {
  readonly run: EnginePlan;
  readonly plan: StackPlan;
  readonly fileMode: number;
  /** What `show -json` wrote. */
  readonly json: string;
  apply(signal?: AbortSignal): Promise<DiagnosedRun>;
}

/** A stack with a private CA and one host, that this machine's engine plans as the command has it. */
export class PlannedStack {
  static async create(engine: Engine): Promise<PlannedStack> {
    return new PlannedStack(engineOf(engine.executable, {}), await StackProject.create(engine));
  }

  private constructor(
    private readonly engine: CommandEngine,
    private readonly project: StackProject,
  ) {
    mkdirSync(this.root);
  }

  get root(): string {
    return join(this.project.directory, "root");
  }

  get stateText(): string {
    return readFileSync(join(this.project.directory, "terraform.tfstate"), "utf8");
  }

  declare({ domains, others = {}, servedChecks = false }: Declared): void {
    this.project.synth((stack: TerraformStack) => {
      const host = MailHost.local(stack, "mx1", {
        root: this.root,
        services: [Qmail.standard(), Dovecot.v23()],
      });
      const [defaultDomain] = Object.keys(domains);
      const issuer = new PrivateCa(stack, "ca");
      const sni = new MailSni(stack, "sni", { hosts: [host], defaultDomain, issuer, servedChecks });
      for (const [domain, names] of Object.entries(domains))
        sni.addDomain(domain, { names: HostNames.subdomains(...names) });
      for (const [path, block] of Object.entries(others)) stack.addOverride(path, block);
    });
  }

  async deploy(declared: Declared): Promise<void> {
    this.declare(declared);
    const report = await this.project.apply();
    if (report.exitCode !== 0) throw new Error(report.output);
  }

  /** Plans into a private directory, and hands over what the plan says. */
  async planned<T>(work: (planned: Planned) => Promise<T>): Promise<T> {
    // Initialises the directory.
    if (!this.#isInitialised) await this.project.plan();
    this.#isInitialised = true;
    return withPrivateDirectory(async (directory) => {
      const base = {
        directory: join(this.project.directory, "cdktf.out/stacks/mail"),
        environment: { ...process.env, TF_LOG: "trace" },
        file: directory.file("mail.tfplan"),
      };
      const run = await planStack(this.engine, {
        ...base,
        lock: { timeoutSeconds: 5 },
        signal: new AbortController().signal,
      });
      const reader = new PlanReader("The plan");
      const pieces: Buffer[] = [];
      const sink = (piece: Buffer) => {
        pieces.push(piece);
        reader.write(piece);
      };
      await showPlan(this.engine, { ...base, sink });
      const apply = (signal = new AbortController().signal) =>
        applyPlan(this.engine, { ...base, lockTimeoutSeconds: 5, signal });
      const fileMode = statSync(base.file).mode & 0o777;
      return work({ run, plan: reader.end(), fileMode, json: Buffer.concat(pieces).toString(), apply });
    });
  }

  /** Edits a file on the host. */
  edit(path: string): void {
    writeFileSync(join(this.root, path), "edited\n");
  }

  remove(): void {
    this.project.remove();
    rmSync(this.root, { recursive: true, force: true });
  }

  #isInitialised = false;
}

/** By address: the action of each change. */
export function actions(changes: readonly PlannedChange[]): Readonly<Record<string, string>> {
  return Object.fromEntries(changes.map(({ address, action }) => [address, action]));
}
