import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeBlocks, pages } from "../../docs/support/code-blocks";
import { type Program, programsOf } from "../../docs/support/programs";
import { engineUnderTest } from "../../support/engine-under-test";
import { NODE_VERSIONS, nodeRequirement } from "../../support/node-installation";
import { npmRegistry } from "../../support/npm-registry";
import { packPackage } from "../../support/packed-package";
import { describeIf } from "../../support/requirements";
import { ReadmeProject, readmeCommands, readmeConfiguration } from "./project";

/** As in the README, but for a host that is a directory, and a CA that is not asked over the network. */
const MAIN = `
import { readFileSync } from "node:fs";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { Dovecot, MailHost, MailSni, PrivateCa, Qmail } from "cdktf-mail-sni";

const app = new App();
const stack = new TerraformStack(app, "mail");
new LocalBackend(stack, { path: "../../../mail.tfstate" });
const mx1 = MailHost.local(stack, "mx1", { root: "./out/mx1", services: [Qmail.standard(), Dovecot.v24()] });
const sni = new MailSni(stack, "sni", {
  hosts: [mx1],
  issuer: new PrivateCa(stack, "ca"),
  defaultDomain: "domain1.tld",
});
for (const domain of readFileSync("domains", "utf8").trim().split("\\n")) sni.addDomain(domain);
app.synth();
`;

let directory: string;
let tarball: string;

beforeAll(async () => {
  if (npmRegistry.missing !== null) return;
  directory = mkdtempSync(join(tmpdir(), "mail-sni-readme-"));
  tarball = await packPackage(directory);
});

afterAll(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

describeIf([engineUnderTest, npmRegistry], 'The README\'s "Use it", with what npm installs today', () => {
  for (const version of NODE_VERSIONS) {
    describeIf(nodeRequirement(version), `on Node ${version}`, () => {
      let project: ReadmeProject;
      const path = (...names: readonly string[]) => join(project.directory, ...names);

      beforeAll(async () => {
        const place = join(directory, `node-${version}`);
        mkdirSync(place);
        project = new ReadmeProject(place, version);
        project.write("main.ts", MAIN);
        project.write("domains", "domain1.tld\ndomain2.tld\n");
        project.write("cdktf.json", readmeConfiguration());
        await project.mustRun(install(readmeCommands("npm init")));
      });

      it("the engine's commands deploy", async () => {
        const printed = await project.mustRun(readmeCommands("npx tsc"));
        expect(printed).toContain("Apply complete!");
        const pem = readFileSync(path("out/mx1/etc/dovecot/mail-sni/domain2.tld.pem"), "utf8");
        const leaf = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
        expect(leaf.checkHost("imap.domain2.tld")).toBe("imap.domain2.tld");
      });

      it("a misspelt name is found before anything is synthesized", async () => {
        project.write("main.ts", MAIN.replace("sni.addDomain(domain)", "sni.addDomian(domain)"));
        const { exitCode, stdout } = await project.run(appOf(readmeConfiguration()));
        project.write("main.ts", MAIN);
        expect(exitCode).not.toBe(0);
        expect(stdout).toMatch(/^main\.ts\(\d+,\d+\): error TS2551: .*addDomian/m);
      });

      it("the TypeScript of all pages is type-correct, with the newest of everything", async () => {
        expect(await typeErrorsOfAllPages(project)).toEqual([]);
      });

      it("so it is with TypeScript 5.9", async () => {
        expect(await typeErrorsOfAllPages(project, "typescript@5.9")).toEqual([]);
        await project.mustRun(appOf(readmeConfiguration()));
      });

      if (version === 24) {
        it("cdktf's command line does not start without a compiled part, as the README says", async () => {
          await project.mustRun("npm install --ignore-scripts cdktf-cli");
          const { exitCode, stderr } = await project.run("npx cdktf synth");
          expect(exitCode).not.toBe(0);
          expect(stderr).toMatch(/Cannot find module '.*pty\.node'/);
        });
      } else {
        it("cdktf's command line finds nothing left to do, and deploys another domain", async () => {
          const before = await project.mustRun("true");
          expect(before).toBe("");
          project.write("domains", "domain1.tld\ndomain2.tld\ndomain3.tld\n");
          const printed = await project.mustRun(readmeCommands("npm install cdktf-cli"));
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
  if (!/ cdktf-mail-sni /.test(commands)) throw new Error("the README does not install the package");
  return commands.replace(/ cdktf-mail-sni /, ` ${tarball} `);
}

function appOf(configuration: string): string {
  return JSON.parse(configuration).app;
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

/** The compiler is told what the README's `cdktf.json` tells it. */
async function typeErrors(project: ReadmeProject, programs: readonly Program[]): Promise<string[]> {
  expect(programs.length).toBeGreaterThan(20);
  for (const [index, { code }] of programs.entries()) project.write(`pages/program-${index}.ts`, code);
  const compiler = appOf(readmeConfiguration()).replace(/ main\.ts .*/, " pages/*.ts");
  expect(compiler).toMatch(/^npx tsc .* pages\/\*\.ts$/);
  const { stdout } = await project.run(compiler);
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
