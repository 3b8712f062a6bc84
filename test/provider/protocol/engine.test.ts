import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { providerSchemaJson } from "../../../lib/provider/protocol/schema/schema-json";
import { type InProcessServer, serveInProcess } from "../../../lib/provider/protocol/serve";
import {
  type EngineOptions,
  runEngine,
  startEngine,
  temporaryDirectory,
  vendorProvider,
} from "../../support/engine";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import { dummyProvider } from "./dummy/dummy-provider";
import { bundleDummy } from "./support/provider-process";

const ADDRESS = "mail-sni.invalid/mail-sni/dummy";

let programs: Awaited<ReturnType<typeof temporaryDirectory>>;
let program: Awaited<ReturnType<typeof bundleDummy>>;
beforeAll(async () => {
  programs = await temporaryDirectory();
  program = await bundleDummy(programs.path);
});
afterAll(() => programs.remove());

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

const requiredProvider = (version = program.version) => `
terraform {
  required_providers {
    dummy = {
      source  = "${ADDRESS}"
      version = "${version}"
    }
  }
}
`;

function configure(resources: string): void {
  writeFileSync(join(directory.path, "main.tf"), requiredProvider() + resources);
}

const state = () => readFileSync(join(directory.path, "terraform.tfstate"), "utf8");

describeIf(engineUnderTest, "a provider under a real engine", () => {
  const run = (...args: string[]) => runEngine(requireEngine(), directory.path, args, environment());
  const apply = () => run("apply", "-auto-approve");
  const plan = () => run("plan", "-detailed-exitcode");
  // Sockets that are left over show here.
  const environment = (): EngineOptions => ({ env: { TMPDIR: directory.path } });
  const sockets = () => readdirSync(directory.path).filter((name) => name.startsWith("plugin-"));

  describe("vendored below terraform.d/plugins", () => {
    beforeEach(async () => {
      vendorProvider(directory.path, { address: ADDRESS, ...program });
      configure("");
      expect(await run("init")).toMatchObject({ exitCode: 0 });
    });

    it("GIVEN a life of a resource THEN plans are as they should be, and nothing is left behind", async () => {
      configure(`
          resource "dummy_thing" "a" {
            name   = "a"
            size   = 0.1
            tags   = ["y", "x"]
            labels = { "__proto__" = "p", "é" = "NFC" }
            secret = "s3cr3t"
            parts  = { one = { text = "abc" } }
          }
          data "dummy_greeting" "g" { to = dummy_thing.a.id }
          output "text" { value = data.dummy_greeting.g.text }
        `);
      expect((await plan()).exitCode).toBe(2);
      const created = await apply();
      expect(created.output).toContain('text = "hello, hello-a"');
      expect(state()).not.toContain("s3cr3t");
      expect(
        JSON.parse(state()).resources.find((one: { mode: string }) => one.mode === "managed"),
      ).toMatchObject({
        instances: [
          { attributes: { size: 0.1, secret: null, secret_length: 6 }, private: expect.any(String) },
        ],
      });
      expect((await plan()).exitCode).toBe(0);

      expect((await run("destroy", "-auto-approve")).exitCode).toBe(0);
      expect(sockets()).toEqual([]);
    });

    it("GIVEN Ctrl-C in an apply THEN what is under way is finished, and in the state", async () => {
      const journal = join(directory.path, "journal");
      configure(`resource "dummy_thing" "a" {\n name = "a"\n takes = 600000\n journal = "${journal}"\n}`);
      const running = startEngine(requireEngine(), directory.path, ["apply", "-auto-approve"], environment());
      await vi.waitFor(() => expect(existsSync(journal)).toBe(true), { timeout: 40_000 });

      running.process.kill("SIGINT");

      await running.finished;
      expect(readFileSync(journal, "utf8")).toBe("create begins\ncreate ends\n");
      expect((await run("state", "list")).stdout).toContain("dummy_thing.a");
      expect(sockets()).toEqual([]);
    });

    it("GIVEN an engine that is killed in an apply THEN that is finished, and no process is left", async () => {
      const journal = join(directory.path, "journal");
      configure(`resource "dummy_thing" "a" {\n name = "a"\n takes = 600000\n journal = "${journal}"\n}`);
      const running = startEngine(requireEngine(), directory.path, ["apply", "-auto-approve"], environment());
      await vi.waitFor(() => expect(existsSync(journal)).toBe(true), { timeout: 40_000 });

      running.process.kill("SIGKILL");

      await vi.waitFor(() => expect(sockets()).toEqual([]), { timeout: 40_000 });
      expect(readFileSync(journal, "utf8")).toBe("create begins\ncreate ends\n");
    });

    it("GIVEN logs that are asked for THEN they are the engine's own kind, without values", async () => {
      configure('resource "dummy_thing" "a" {\n name = "a"\n fails = "create"\n secret = "s3cr3t"\n}');
      const { stderr } = await runEngine(requireEngine(), directory.path, ["apply", "-auto-approve"], {
        env: { ...environment().env, TF_LOG_PROVIDER: "trace" },
      });
      expect(stderr).not.toContain("s3cr3t");
    });
  });

  it("GIVEN TLS that is switched off, as for debuggers, THEN it is served in plain text", async () => {
    vendorProvider(directory.path, { address: ADDRESS, ...program });
    configure('resource "dummy_thing" "a" { name = "a" }');
    await run("init");
    const { exitCode } = await runEngine(requireEngine(), directory.path, ["apply", "-auto-approve"], {
      env: { ...environment().env, TF_DISABLE_PLUGIN_TLS: "1" },
    });
    expect(exitCode).toBe(0);
  });

  it("GIVEN a bundle that lost its mode THEN the engine says so (what vendoring must not let happen)", async () => {
    vendorProvider(directory.path, { address: ADDRESS, ...program });
    configure('resource "dummy_thing" "a" { name = "a" }');
    const vendored = join(directory.path, "terraform.d/plugins", ADDRESS, program.version);
    const [platform] = readdirSync(vendored);
    chmodSync(join(vendored, platform as string, "terraform-provider-dummy.cjs"), 0o644);
    expect((await run("init")).exitCode).toBe(0);
    expect((await plan()).output).toContain("permission denied");
  });

  describe("by TF_REATTACH_PROVIDERS", () => {
    let server: InProcessServer;
    beforeEach(async () => {
      server = await serveInProcess(dummyProvider());
    });
    afterEach(() => server.close());

    // Far faster than a process for every walk, and all that is tested here is the same.
    const reattached = (...args: string[]) =>
      runEngine(requireEngine(), directory.path, args, {
        env: { ...environment().env, TF_REATTACH_PROVIDERS: server.reattach(ADDRESS) },
      });

    const reattachedApply = () => reattached("apply", "-auto-approve");
    const reattachedPlan = () => reattached("plan", "-detailed-exitcode");

    it("GIVEN changes THEN an update in place where that is possible, else a replacement", async () => {
      configure(
        'resource "dummy_thing" "a" {\n name = "a"\n size = 0.1\n parts = { one = { text = "abc" } }\n}',
      );
      expect((await reattachedApply()).exitCode).toBe(0);

      configure(
        'resource "dummy_thing" "a" {\n name = "a"\n parts = { one = { text = "abcd" }, two = {} }\n}',
      );
      const changed = await reattachedPlan();
      expect(changed.exitCode).toBe(2);
      expect(changed.output).toContain("will be updated in-place");
      expect((await reattachedApply()).exitCode).toBe(0);
      expect((await reattachedPlan()).exitCode).toBe(0);

      configure('resource "dummy_thing" "a" { name = "b" }');
      expect((await reattachedPlan()).output).toContain("forces replacement");
      expect((await reattachedApply()).exitCode).toBe(0);
      expect((await reattachedPlan()).exitCode).toBe(0);
    });

    it("GIVEN the schema THEN it is what the engine prints", async () => {
      configure('resource "dummy_thing" "a" { name = "a" }');
      const { stdout } = await reattached("providers", "schema", "-json");
      const { resource_identity_schemas: identities, ...schemas } =
        JSON.parse(stdout).provider_schemas[ADDRESS];
      expect(schemas).toEqual(JSON.parse(JSON.stringify(providerSchemaJson(dummyProvider()))));
      // Terraform 1.11 does not know identities.
      expect([undefined, DUMMY_IDENTITIES]).toContainEqual(identities);
    });

    it("GIVEN a saved plan and values that become known THEN it applies, and holds no write-only value", async () => {
      configure(`
          resource "terraform_data" "later" { input = "later" }
          resource "dummy_thing" "a" {
            name   = terraform_data.later.output
            secret = "s3cr3t"
            parts  = { one = { text = terraform_data.later.id } }
            tags   = [terraform_data.later.id]
            labels = { id = terraform_data.later.id }
          }
        `);
      expect((await reattached("plan", "-out=plan")).exitCode).toBe(0);
      expect(
        (await reattached("show", "-json", "plan")).stdout.match(/s3cr3t/g)?.length ?? 0,
      ).toBeLessThanOrEqual(1);
      expect(await reattached("apply", "plan")).toMatchObject({ exitCode: 0 });
      expect(state()).not.toContain("s3cr3t");
      expect((await reattachedPlan()).exitCode).toBe(0);
    });

    it("GIVEN errors THEN they point at the line, and states are as they should be", async () => {
      configure('resource "dummy_thing" "a" {\n  name  = "a"\n  fails = "create"\n}');
      const failed = await reattachedApply();
      expect(failed.output).toContain("The create failed");
      expect(failed.output).toMatch(
        /main\.tf line \d+, in resource "dummy_thing" "a":\n\s*\d+:\s+fails = "create"/,
      );
      expect((await reattached("state", "list")).stdout).toBe("");

      configure('resource "dummy_thing" "a" {\n  name  = "a"\n  fails = "update"\n}');
      expect((await reattachedApply()).exitCode).toBe(0);
      configure('resource "dummy_thing" "a" {\n  name  = "a"\n  fails = "update"\n size = 2\n}');
      expect((await reattachedApply()).exitCode).toBe(1);
      expect((await reattachedPlan()).output).toMatch(/~ size\s+= 1 -> 2/);
    });

    it("GIVEN what no number holds THEN validate says so", async () => {
      configure('resource "dummy_thing" "a" {\n name = "a"\n size = 18446744073709551617\n}');
      expect((await reattached("validate")).output).toContain("Number out of range");
    });

    it("GIVEN an import THEN the next plan knows it", async () => {
      configure('resource "dummy_thing" "a" { name = "z" }');
      expect((await reattached("import", "dummy_thing.a", "z")).exitCode).toBe(0);
      expect((await reattachedPlan()).exitCode).toBe(0);
    });

    it("GIVEN a state of an older schema THEN it is upgraded", async () => {
      configure('resource "dummy_thing" "a" { name = "a" }');
      expect((await reattachedApply()).exitCode).toBe(0);
      const older = JSON.parse(state());
      const [instance] = older.resources[0].instances;
      instance.schema_version = 0;
      instance.attributes.title = instance.attributes.name;
      delete instance.attributes.name;
      writeFileSync(join(directory.path, "terraform.tfstate"), JSON.stringify(older));
      expect(await reattachedPlan()).toMatchObject({ exitCode: 0 });
    });

    it("GIVEN one process for several commands THEN it serves them all", async () => {
      configure('provider "dummy" { greeting = "hi" }\nresource "dummy_thing" "a" { name = "a" }');
      expect(await reattached("apply", "-auto-approve")).toMatchObject({ exitCode: 0 });
      expect(state()).toContain("hi-a");
      expect((await reattached("plan", "-detailed-exitcode")).exitCode).toBe(0);
      expect((await reattached("destroy", "-auto-approve")).exitCode).toBe(0);
    });
  });
});

const DUMMY_IDENTITIES = {
  dummy_thing: {
    version: 0,
    attributes: { name: { type: "string", description: "The name.", required_for_import: true } },
  },
};
