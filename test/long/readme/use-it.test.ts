import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeBlocks, pages, textOf } from "../../docs/support/code-blocks";
import { type Program, programsOf } from "../../docs/support/programs";
import { engineUnderTest } from "../../support/engine-under-test";
import { NODE_VERSIONS, nodeRequirement } from "../../support/node-installation";
import { npmRegistry } from "../../support/npm-registry";
import { packedPackage } from "../../support/packed-package";
import { describeIf } from "../../support/requirements";
import { commandsOf, ReadmeProject } from "./project";

let directory: string;
let tarball: string;

beforeAll(async () => {
  if (npmRegistry.missing !== null) return;
  directory = mkdtempSync(join(tmpdir(), "mail-sni-readme-"));
  tarball = await packedPackage();
});

afterAll(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

describeIf([engineUnderTest, npmRegistry], 'The README\'s "Use it", with what npm installs today', () => {
  for (const version of NODE_VERSIONS) {
    describeIf(nodeRequirement(version), `on Node ${version}`, () => {
      let project: ReadmeProject;
      const path = (...names: readonly string[]) => join(project.directory, ...names);
      const read = (name: string) => readFileSync(path(name), "utf8");

      beforeAll(async () => {
        const place = join(directory, `node-${version}`);
        mkdirSync(place);
        project = new ReadmeProject(place, version);
        await project.mustRun(install(commandsOf("README.md", "npm init")));
      });

      it("has the starter project as it is in the repository", async () => {
        for (const name of ["main.ts", "package.json", "tsconfig.json", "cdktf.json"]) {
          expect(read(name), name).toBe(textOf(`stacks/starter/${name}`));
        }
        await project.mustRun("git init --quiet .");
        const { stdout } = await project.run("git status --porcelain --untracked-files=all");
        expect(untracked(stdout)).toEqual([
          ".gitignore",
          "cdktf.json",
          "main.ts",
          "package-lock.json",
          "package.json",
          "tsconfig.json",
        ]);
      });

      it("deploys it with the engine's commands, and Git is offered neither keys nor what is generated", async () => {
        const printed = await project.mustRun(commandsOf("README.md", "npm run synth"));
        expect(printed).toContain("Apply complete!");
        const pem = read("out/mx1/etc/dovecot/mail-sni/domain2.tld.pem");
        const leaf = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
        expect(leaf.checkHost("imap.domain2.tld")).toBe("imap.domain2.tld");
        expect(statSync(path("state")).mode & 0o777).toBe(0o700);
        const { stdout } = await project.run("git status --porcelain --untracked-files=all");
        expect(untracked(stdout)).toEqual([
          ".gitignore",
          "cdktf.json",
          "main.ts",
          "package-lock.json",
          "package.json",
          "sni-table.json",
          "sni-table.md",
          "tsconfig.json",
        ]);
      });

      it("a misspelt name is found before anything is synthesized", async () => {
        const main = read("main.ts");
        project.write("main.ts", main.replace("sni.addDomain(", "sni.addDomian("));
        const { exitCode, stdout } = await project.run("npm run synth");
        project.write("main.ts", main);
        expect(exitCode).not.toBe(0);
        expect(stdout).toMatch(/^main\.ts\(\d+,\d+\): error TS2551: .*addDomian/m);
      });

      it("the TypeScript of all pages is type-correct, with the newest of everything", async () => {
        expect(await typeErrorsOfAllPages(project, ...newestOfEverything())).toEqual([]);
        await project.mustRun("npm run synth");
      });

      it("so it is with TypeScript 5.9", async () => {
        expect(await typeErrorsOfAllPages(project, "typescript@5.9")).toEqual([]);
        await project.mustRun("npm run synth");
      });

      if (version === 24) {
        it("cdktf's command line does not start without a compiled part, as its page says", async () => {
          await project.mustRun("npm install --ignore-scripts cdktf-cli");
          const { exitCode, stderr } = await project.run("npx cdktf synth");
          expect(exitCode).not.toBe(0);
          expect(stderr).toMatch(/Cannot find module '.*pty\.node'/);
        });
      } else {
        it("cdktf's command line finds nothing left to do, and deploys another domain", async () => {
          project.write(
            "main.ts",
            read("main.ts").replace("app.synth()", 'sni.addDomain("domain3.tld");\napp.synth()'),
          );
          const printed = await project.mustRun(
            commandsOf("docs/getting-started.md", "npm install cdktf-cli"),
          );
          expect(printed).toContain("2 to add, 0 to change, 0 to destroy");
          expect(printed).toContain("2 added, 0 changed, 0 destroyed");
          expect(existsSync(path("out/mx1/etc/dovecot/mail-sni/domain3.tld.pem"))).toBe(true);
        });
      }
    });
  }
});

/** As the README has it, but for the package itself, which is the one that is packed here. */
function install(commands: string): string {
  if (!/^npm install cdktf-mail-sni$/m.test(commands))
    throw new Error("the README does not install the package");
  return commands.replace(/ cdktf-mail-sni$/m, ` ${tarball}`);
}

function untracked(status: string): string[] {
  return status
    .split("\n")
    .filter((line) => line !== "" && !line.includes(".home/"))
    .map((line) => line.replace(/^\?\? /, ""))
    .sort();
}

/** What the starter project depends on, but for the package itself, whatever ranges it names. */
function newestOfEverything(): string[] {
  const { dependencies } = JSON.parse(textOf("stacks/starter/package.json"));
  return Object.keys(dependencies)
    .filter((name) => name !== "cdktf-mail-sni")
    .map((name) => `${name}@latest`);
}

/**
 * What the programs import is installed beside what the README installs, and not noted: its own commands come after.
 * Peers are not resolved: one page imports `cdktn`, which shall not be there beside `cdktf` and the newest `constructs`.
 */
async function typeErrorsOfAllPages(project: ReadmeProject, ...others: readonly string[]): Promise<string[]> {
  const programs = pages().flatMap((page) => programsOf(codeBlocks(page)));
  const manifest = JSON.parse(readFileSync(join(project.directory, "package.json"), "utf8"));
  const missing = packagesOf(programs).filter((name) => manifest.dependencies[name] === undefined);
  await project.mustRun(`npm install --no-save --legacy-peer-deps ${[...missing, ...others].join(" ")}`);
  return await typeErrors(project, programs);
}

/** The compiler is told what the starter project tells it. */
async function typeErrors(project: ReadmeProject, programs: readonly Program[]): Promise<string[]> {
  expect(programs.length).toBeGreaterThan(20);
  for (const [index, { code }] of programs.entries()) project.write(`pages/program-${index}.ts`, code);
  project.write("pages/tsconfig.json", '{ "extends": "../tsconfig.json", "include": ["*.ts"] }');
  const { stdout } = await project.run("npx tsc --project pages");
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) =>
      line.replace(/^pages\/program-(\d+)\.ts/, (_, index) => programs[Number(index)]?.name ?? ""),
    );
}

/** What the programs import that npm has to install. */
function packagesOf(programs: readonly Program[]): string[] {
  const imported = programs.flatMap(({ code }) => [...code.matchAll(/ from "((?:@[^/"]+\/)?[^/"]+)/g)]);
  return [...new Set(imported.map(([, name]) => name as string))].filter(
    (name) => !name.startsWith("node:") && !name.startsWith("."),
  );
}
