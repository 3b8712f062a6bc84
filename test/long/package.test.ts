import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import {
  existsSync,
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
import { packedPackage } from "../support/packed-package";
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

const ROOT = resolve(__dirname, "../..");

/** The same as an ES module, or in TypeScript. */
const AS_MODULE = APP.replaceAll(/const (\{.*\}) = require\((".*")\);/g, "import $1 from $2;");

let directory: string;
let tarball: string;
/** By title. */
let compilers: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-package-"));
  tarball = await packedPackage();
  const newest = join(directory, "typescript");
  await mustRun(["npm", "install", "--prefix", newest, "--no-audit", "--no-fund", "typescript@latest"]);
  compilers = {
    "TypeScript 5.9": join(ROOT, "node_modules/.bin/tsc"),
    "the newest TypeScript": join(newest, "node_modules/.bin/tsc"),
  };
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

    it("brings nothing but itself, in less than four megabytes, pages included", () => {
      expect(packages().filter((path) => !packagesBefore.includes(path))).toEqual([
        "node_modules/cdktf-mail-sni",
      ]);
      expect(bytesBelow(join(project, "node_modules/cdktf-mail-sni"))).toBeLessThan(4_000_000);
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

    it("synthesizes the same from an ES module", async () => {
      const stack = join(project, "cdktf.out/stacks/mail/cdk.tf.json");
      await mustRun(["node", "app.js"], { cwd: project });
      const fromCommonJs = readFileSync(stack, "utf8");
      rmSync(stack);
      writeFileSync(join(project, "app.mjs"), AS_MODULE);
      await mustRun(["node", "app.mjs"], { cwd: project });
      expect(readFileSync(stack, "utf8")).toBe(fromCommonJs);
    });

    it.each([["TypeScript 5.9"], ["the newest TypeScript"]])(
      "has types that hold together, and that strict projects compile against with %s",
      async (compiler) => {
        for (const name of ["app.ts", "app.cts", "app.mts"]) writeFileSync(join(project, name), AS_MODULE);
        for (const options of [
          ["app.ts"], // with the compiler's own defaults, so with the oldest target
          ["--module", "nodenext", "app.cts", "app.mts"], // a CommonJS and an ES module
        ]) {
          const { stdout } = await runCommand(
            [compilers[compiler] as string, "--noEmit", "--strict", ...options],
            {
              cwd: project,
            },
          );
          // What is wrong with the types of others is not asked.
          const errors = stdout
            .split("\n")
            .filter((line) => /^(app\.|node_modules\/cdktf-mail-sni\/)/.test(line));
          expect(errors, options.join(" ")).toEqual([]);
        }
      },
    );
  });
});

describe("The packed package", () => {
  const tool = (name: string, ...args: string[]) =>
    runCommand([join(ROOT, "node_modules/.bin", name), ...args], { cwd: directory });

  it("has nothing that publint complains of", async () => {
    const { exitCode, stdout } = await tool("publint", tarball, "--strict");
    expect(stdout).toContain("All good!");
    expect(exitCode).toBe(0);
  });

  it("has types that each kind of project resolves", async () => {
    const { exitCode, stdout } = await tool("attw", tarball, "--format", "json");
    const { analysis, problems } = JSON.parse(stdout);
    expect(Object.keys(analysis.entrypoints)).toEqual([".", "./package.json"]);
    expect(problems).toEqual({});
    expect(exitCode).toBe(0);
  });

  it("has the pages that its own README and types refer to, the program for mail hosts, and opens no file but the main entry", async () => {
    const project = join(directory, "pages");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true }));
    await mustRun(["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", tarball], {
      cwd: project,
    });
    const installed = join(project, "node_modules/cdktf-mail-sni");

    const readme = readFileSync(join(installed, "README.md"), "utf8");
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path as string);
    expect(links.length).toBeGreaterThan(15);
    expect(links.filter((path) => !existsSync(join(installed, path)))).toEqual([]);

    const types = readdirSync(join(installed, "dist/lib"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".d.ts"))
      .map((name) => readFileSync(join(installed, "dist/lib", name), "utf8"));
    const pages = types.flatMap((text) => text.match(/\bdocs\/[\w/-]+\.md/g) ?? []);
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.filter((page) => !existsSync(join(installed, page)))).toEqual([]);

    const program = join(installed, "dist/host/renewal");
    expect(statSync(program).mode & 0o777).toBe(0o755);
    expect((await runCommand([program, "check"])).stdout).toMatch(
      /table cannot be read: apply the stack again/,
    );

    const deep = 'require("cdktf-mail-sni/dist/lib/constructs/host/mail-host")';
    const { exitCode, stderr } = await runCommand(["node", "-e", deep], { cwd: project });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
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
