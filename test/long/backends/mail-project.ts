import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { Dovecot, HostNames, MailHost, MailSni, PrivateCa, Qmail, SniRules } from "../../../lib";
import { type Engine, temporaryDirectory } from "../../support/engine";
import type { MailSniProgram, ProgramRun } from "../../support/mail-sni-program";
import { StackProject } from "../../support/stack-project";
import type { Gate } from "./gate";

export interface MailProjectOptions {
  /** Declares where the state is. */
  readonly backend: (stack: TerraformStack) => void;
  /** Of the engine. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where each apply that creates it waits. */
  readonly gate?: Gate;
}

/** A stack whose state is in some backend, with one host below a directory of this machine. */
export class MailProject {
  static async create(engine: Engine, options: MailProjectOptions): Promise<MailProject> {
    const [project, host] = [await StackProject.create(engine, options), await temporaryDirectory()];
    writeFileSync(join(project.directory, "cdktf.json"), "{}");
    const mail = new MailProject(engine, project, host, options);
    mail.declare("domain1.tld");
    return mail;
  }

  private constructor(
    private readonly engine: Engine,
    readonly project: StackProject,
    private readonly host: { readonly path: string; remove(): void },
    private readonly options: MailProjectOptions,
  ) {}

  declare(...domains: readonly string[]): void {
    this.project.synth((stack) => {
      const services = [Qmail.standard(), Dovecot.v23()];
      const sni = new MailSni(stack, "sni", {
        hosts: [MailHost.local(stack, "mx1", { root: this.host.path, services })],
        defaultDomain: "domain1.tld",
        issuer: new PrivateCa(stack, "ca"),
      });
      for (const domain of domains) sni.addDomain(domain, { names: HostNames.of(domain) });
      for (const rule of ["SNI006", "SNI009"] as const)
        SniRules.of(stack).acknowledge(rule, "Clients use these.");
      this.options.gate?.declare(stack);
    });
  }

  /** Runs a command of `mail-sni`. @param environment beside that of the engine */
  run(
    program: MailSniProgram,
    [command, ...more]: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ProgramRun> {
    const where = ["--project", this.project.directory, "--engine", this.engine.executable];
    const TF_CLI_CONFIG_FILE = join(this.project.directory, "empty.tfrc");
    writeFileSync(TF_CLI_CONFIG_FILE, "");
    return program.run([command, ...where, ...more], {
      ...process.env,
      ...this.options.environment,
      ...environment,
      TF_CLI_CONFIG_FILE,
    });
  }

  /** The files of the project, plans and those of the engine included, that have one of these texts in them. */
  filesWith(...texts: readonly string[]): string[] {
    return readdirSync(this.project.directory, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => texts.some((text) => readFileSync(path).includes(text)));
  }

  remove(): void {
    this.project.remove();
    this.host.remove();
  }
}
