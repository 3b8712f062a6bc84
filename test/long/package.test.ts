import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mustRun, runCommand } from "../support/commands";
import { runEngine } from "../support/engine";
import { EngineReport } from "../support/engine-report";
import { engineUnderTest, requireEngine } from "../support/engine-under-test";
import { packPackage } from "../support/packed-package";
import { describeIf } from "../support/requirements";

const APP = `
const { App, LocalBackend, TerraformStack } = require("cdktf");
const { Dovecot, MailHost, MailSni, PrivateCa, Qmail } = require("cdktf-mail-sni");

const app = new App();
const stack = new TerraformStack(app, "mail");
new LocalBackend(stack, { path: "../../../mail.tfstate" });
const mx1 = MailHost.local(stack, "mx1", { root: "./out/mx1", services: [Qmail.standard(), Dovecot.v24()] });
const sni = new MailSni(stack, "sni", {
  hosts: [mx1],
  issuer: new PrivateCa(stack, "ca"),
  defaultDomain: "domain1.tld",
});
sni.addDomain("domain1.tld");
sni.addDomain("domain2.tld");
app.synth();
`;

let directory: string;
let tarball: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-package-"));
  tarball = await packPackage(directory);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describeIf(engineUnderTest, "The package in an empty project", () => {
  describe.each([
    ["with cdktf", "0.21.0", "10.7.2"],
    ["with cdktf and the newest constructs", "0.21.0", "latest"],
    ["with cdktn in its place", "npm:cdktn@0.24.0", "10.7.2"],
    ["with the newest cdktn in its place", `npm:cdktn@${newestOf("cdktn")}`, "^10.7.2"],
  ])("%s", (title, cdktf, constructs) => {
    let project: string;
    let packagesBefore: string[];

    beforeAll(async () => {
      project = join(directory, title.replaceAll(" ", "-"));
      mkdirSync(project);
      writeFileSync(
        join(project, "package.json"),
        JSON.stringify({ private: true, dependencies: { cdktf, constructs } }),
      );
      await npm("install");
      packagesBefore = packages();
      await npm("install", tarball);
      writeFileSync(join(project, "app.js"), APP);
    });

    const npm = (...args: string[]) =>
      mustRun(["npm", ...args, "--no-audit", "--no-fund", "--prefer-offline"], { cwd: project });

    function packages(): string[] {
      const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
      return Object.keys(lock.packages).filter((path) => path !== "");
    }

    async function engine(...args: string[]): Promise<EngineReport> {
      return new EngineReport(await runEngine(requireEngine(), join(project, "cdktf.out/stacks/mail"), args));
    }

    it("brings nothing but itself, in less than two megabytes", () => {
      expect(packages().filter((path) => !packagesBefore.includes(path))).toEqual([
        "node_modules/cdktf-mail-sni",
      ]);
      expect(bytesBelow(join(project, "node_modules/cdktf-mail-sni"))).toBeLessThan(2_000_000);
    });

    it("synthesizes and deploys, and each name has its certificate", async () => {
      await mustRun(["node", "app.js"], { cwd: project });
      const initialised = await engine("init");
      expect(initialised.errors).toEqual([]);
      const applied = await engine("apply", "-auto-approve");
      expect(applied.errors).toEqual([]);
      for (const [name, domain] of [
        ["imap.domain1.tld", "domain1.tld"],
        ["smtp.domain2.tld", "domain2.tld"],
      ]) {
        const path = `out/mx1/var/qmail/control/servercerts/${name}/servercert.pem`;
        const pem = readFileSync(join(project, path), "utf8");
        const leaf = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
        expect(leaf.subject).toBe(`CN=${domain}`);
      }
      const snippet = join(project, "out/mx1/etc/dovecot/mail-sni/2.4/domain2.tld.conf");
      expect(readFileSync(snippet, "utf8")).toContain("local_name imap.domain2.tld {");
      expect((await engine("plan", "-detailed-exitcode")).exitCode).toBe(0);
    });

    it("has types that a strict TypeScript project compiles against, and that hold together themselves", async () => {
      writeFileSync(
        join(project, "app.ts"),
        APP.replaceAll(/const (\{.*\}) = require\((".*")\);/g, "import $1 from $2;"),
      );
      const compiler = resolve(__dirname, "../../node_modules/.bin/tsc");
      const options = ["--noEmit", "--strict", "app.ts"]; // as the README has it, with the oldest target
      const { stdout } = await runCommand([compiler, ...options], { cwd: project });
      // What is wrong with the types of others is not asked.
      expect(
        stdout.split("\n").filter((line) => /^(app\.ts|node_modules\/cdktf-mail-sni\/)/.test(line)),
      ).toEqual([]);
    });
  });
});

describe("The package in a project that has cdktn under its own name", () => {
  it("says what to install, and works with that", async () => {
    const project = join(directory, "both");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true }));
    const npm = (...args: string[]) =>
      mustRun(["npm", ...args, "--no-audit", "--no-fund", "--prefer-offline"], { cwd: project });
    await npm("install", "cdktn@0.24.0", "constructs@10.7.2", tarball);
    writeFileSync(join(project, "app.js"), APP.replace('require("cdktf")', 'require("cdktn")'));

    const refused = await runCommand(["node", "app.js"], { cwd: project });

    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain("[CDKTF_PACKAGE]");
    const [, remedy] = /\((npm uninstall .*?)\)/.exec(refused.stderr) ?? [];
    await mustRun(["sh", "-c", remedy as string], { cwd: project });
    writeFileSync(join(project, "app.js"), APP);
    await mustRun(["node", "app.js"], { cwd: project });
  });
});

/** What the registry serves, since npm takes a tag behind an alias for no version. */
function newestOf(name: string): string {
  return execFileSync("npm", ["view", name, "version"], { encoding: "utf8" }).trim();
}

function bytesBelow(path: string): number {
  const entries = readdirSync(realpathSync(path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
