import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, runCommand } from "../../support/commands";
import { providerDirectory } from "../../support/synthesized";

const ROOT = resolve(__dirname, "../../..");

/** A program with two stacks, of which one has a domain without the names that clients try. */
const PROGRAM = `
import { App, TerraformStack, Testing } from ${JSON.stringify(join(ROOT, "node_modules/cdktf"))};
import { Dovecot, HostNames, MailHost, MailSni, PrivateCa } from ${JSON.stringify(join(ROOT, "lib"))};

const app = process.argv[2] === "testing" ? Testing.app({ outdir: process.argv[3] }) : new App();
for (const [id, names] of [["west", HostNames.subdomains("imap")], ["east", HostNames.core()]] as const) {
  const stack = new TerraformStack(app, id);
  const mx1 = MailHost.local(stack, "mx1", { root: "./out/" + id, services: [Dovecot.v24()] });
  const issuer = new PrivateCa(stack, "ca");
  new MailSni(stack, "sni", { hosts: [mx1], issuer, names, defaultDomain: "a.tld" }).addDomain("a.tld");
}
app.synth();
app.synth();
`;

describe("The warnings of a program", () => {
  let directory: string;
  let program: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "stack-warnings-"));
    program = join(directory, "main.ts");
    writeFileSync(program, PROGRAM);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  async function warnings(env: Record<string, string> = {}, ...args: string[]): Promise<string[]> {
    const context = { "mail-sni:provider-directory": providerDirectory(), "mail-sni:table": false };
    const result: CommandResult = await runCommand(["node", "--import", "tsx", program, ...args], {
      cwd: ROOT,
      env: {
        NODE_ENV: "",
        CDKTF_OUTDIR: join(directory, "cdktf.out"),
        CDKTF_CONTEXT_JSON: JSON.stringify(context),
        ...env,
      },
    });
    expect(result.exitCode).toBe(0);
    return result.stderr.split("\n").filter((line) => line.includes("[SNI006]"));
  }

  it("GIVEN no command line THEN each is on standard error, once, with its construct", async () => {
    expect(await warnings()).toEqual([
      expect.stringMatching(/^Warning: \[west\/sni\/a\.tld\] Mail clients .* \[SNI006\]$/),
    ]);
  });

  it("GIVEN cdktf's command line, which shows them THEN not", async () => {
    expect(await warnings({ CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS: "true" })).toEqual([]);
  });

  it("GIVEN a test THEN not", async () => {
    expect(await warnings({ NODE_ENV: "test" })).toEqual([]);
    expect(await warnings({}, "testing", join(directory, "testing.out"))).toEqual([]);
  });
});
