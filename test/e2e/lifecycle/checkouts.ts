import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { expect } from "vitest";
import { Dovecot, HostNames, MailHost, MailSni, PrivateCa, Qmail } from "../../../lib";
import { temporaryDirectory } from "../../support/engine";
import type { EngineReport } from "../../support/engine-report";
import { requireEngine } from "../../support/engine-under-test";
import { fileTree } from "../../support/file-tree";
import { StackProject } from "../../support/stack-project";

export const IDENTITY = "mailsni_state_identity.this";
const LEDGER = "/var/lib/mail-sni/ledger";

/** Checkouts of one project, each with a state of its own, and the host that they all deploy to. */
export class Checkouts {
  static async create(): Promise<Checkouts> {
    return new Checkouts((await temporaryDirectory()).path);
  }

  readonly #projects: StackProject[] = [];

  private constructor(readonly root: string) {}

  async add(): Promise<StackProject> {
    const project = await StackProject.create(requireEngine());
    this.#projects.push(project);
    this.declare(project);
    return project;
  }

  declare(
    project: StackProject,
    host = "mx1",
    domains: readonly string[] = ["domain1.tld", "domain2.tld"],
  ): void {
    project.synth((stack: TerraformStack) => {
      const services = [Qmail.standard(), Dovecot.v23()];
      const sni = new MailSni(stack, "sni", {
        hosts: [MailHost.local(stack, host, { root: this.root, services })],
        defaultDomain: "domain1.tld",
        names: HostNames.subdomains("imap", "smtp"),
        issuer: new PrivateCa(stack, "ca"),
      });
      for (const domain of domains) sni.addDomain(domain);
    });
  }

  remove(): void {
    for (const project of this.#projects) project.remove();
    rmSync(this.root, { recursive: true });
  }

  /** Has the host as it was before anything was deployed. */
  clear(): void {
    rmSync(this.root, { recursive: true });
    mkdirSync(this.root);
  }

  get hasLedger(): boolean {
    return existsSync(join(this.root, LEDGER));
  }

  /** Everything there, but for the ledger: that other states are at work may be noted. */
  get host(): Readonly<Record<string, string>> {
    return { ...fileTree(this.root), [LEDGER]: "" };
  }

  /** The identities of the states whose runs have ended, the last one first. */
  get identities(): string[] {
    if (!this.hasLedger) return [];
    const lines = readFileSync(join(this.root, LEDGER), "utf8").matchAll(/^(?:ended|kept)\t([0-9a-f]{16})/gm);
    return [...new Set([...lines].map(([, id]) => id as string))].reverse();
  }
}

export function stateFile({ directory }: StackProject): string {
  return join(directory, "terraform.tfstate");
}

/** An apply that has to succeed. */
export async function deployed(
  project: StackProject,
  env: Record<string, string> = {},
): Promise<EngineReport> {
  const report = await project.apply({ env });
  expect(report.exitCode, report.output).toBe(0);
  return report;
}

export async function expectNothingLeft(project: StackProject): Promise<void> {
  const { exitCode, output } = await project.plan();
  expect(exitCode, output).toBe(0);
}
