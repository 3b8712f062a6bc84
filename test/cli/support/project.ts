import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SniTableName } from "../../../lib/shared/sni-table/document";

/** A project as `cdktf synth` leaves one, in a directory of its own. */
export class CdktfProject {
  readonly directory = mkdtempSync(join(tmpdir(), "mail-sni-project-"));

  /** @param stacks by name: what the engine is to find in the stack's directory */
  constructor(stacks: Readonly<Record<string, string>> = { mail: "" }) {
    this.write("cdktf.json", "{}");
    const entries = Object.keys(stacks).map((name) => [name, { workingDirectory: `stacks/${name}` }]);
    this.write("cdktf.out/manifest.json", JSON.stringify({ stacks: Object.fromEntries(entries) }));
    for (const [name, configuration] of Object.entries(stacks)) {
      this.write(`cdktf.out/stacks/${name}/main.tf`, configuration);
    }
    this.writeTable(Object.fromEntries(Object.keys(stacks).map((name) => [name, []])));
  }

  /** @param names by stack, each of which has one host with one port */
  writeTable(names: Readonly<Record<string, readonly SniTableName[]>>, port = 993): void {
    const endpoints = [{ port, protocol: "tls", sni: true }];
    const hosts = Object.entries(names).map(([stack, rows]) => ({
      stack,
      host: `mx-${stack}`,
      services: [{ service: "dovecot", endpoints, names: rows }],
    }));
    this.write("sni-table.json", JSON.stringify({ version: 1, hosts, acknowledged: [], leftOut: [] }));
  }

  /** A program that stands in for the engine. @param script for a shell */
  engine(script: string): string {
    const path = this.write("engine", `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  write(name: string, text: string): string {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  stackDirectory(name: string): string {
    return join(this.directory, "cdktf.out/stacks", name);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** The output of a stack, as HCL. */
export function outputOf(facts: object): string {
  return `output "mail_sni" {\n  value = jsondecode(${JSON.stringify(JSON.stringify(facts)).replaceAll("${", "$${")})\n}\n`;
}
