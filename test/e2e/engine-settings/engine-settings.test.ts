import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MailHost, MailSni, PrivateCa, Qmail } from "../../../lib";
import { pluginErrors } from "../../../lib/shared/errors";
import { findEngines, runEngine } from "../../support/engine";
import { EngineReport } from "../../support/engine-report";
import { engine as engineIsThere } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { StackProject } from "../../support/stack-project";

// Each test runs a real engine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeIf(engineIsThere, "A stack with three domains", () => {
  describe.each(findEngines())("under $name", (engine) => {
    let project: StackProject;
    let directory: string;

    beforeEach(async () => {
      project = await StackProject.create(engine);
      directory = join(project.directory, "cdktf.out/stacks/mail");
      project.synth((stack) => {
        const sni = new MailSni(stack, "sni", {
          hosts: [MailHost.local(stack, "mx1", { root: project.directory, services: [Qmail.standard()] })],
          issuer: new PrivateCa(stack, "ca"),
          defaultDomain: "a.tld",
        });
        for (const name of ["a.tld", "b.tld", "c.tld"]) sni.addDomain(name);
      });
    });

    afterEach(() => project.remove());

    /** What the engine says of `init` with this CLI configuration. */
    async function init(configuration = "", args: readonly string[] = []): Promise<EngineReport> {
      const file = join(project.directory, "cli.tfrc");
      writeFileSync(file, configuration);
      const env = { TF_CLI_CONFIG_FILE: file };
      return new EngineReport(await runEngine(engine, directory, ["init", ...args], { env }));
    }

    it("GIVEN a provider_installation block THEN init asks a host that does not exist, until the warning's lines are in it", async () => {
      const hidden = await init("provider_installation {\n  direct {}\n}\n");
      expect(hidden.errors.join()).toContain("mail-sni.invalid");

      const { remedy } = pluginErrors.hidden("", []);
      const [mirror] = /^ {2}filesystem_mirror \{[\s\S]*?\n {2}\}$/m.exec(remedy) ?? [];
      const [exclude] = /^ *exclude = .*$/m.exec(remedy) ?? [];
      const helped = await init(`provider_installation {\n${mirror}\n  direct {\n${exclude}\n  }\n}\n`);
      expect(helped.errors).toEqual([]);
      expect(helped.exitCode).toBe(0);
    });

    it("GIVEN that block THEN -plugin-dir helps as well", async () => {
      const hidden = "provider_installation {\n  direct {}\n}\n";
      expect((await init(hidden, ["-plugin-dir=terraform.d/plugins"])).exitCode).toBe(0);
    });

    // From 1.12 on OpenTofu passes over required_version in files that Terraform reads as well.
    const errorsOfAnOldOne = engine.name === "terraform" ? 1 : 0;

    it(`GIVEN an engine that is too old THEN init has ${errorsOfAnOldOne} errors, however many resources there are`, async () => {
      const file = join(directory, "cdk.tf.json");
      const stack = JSON.parse(readFileSync(file, "utf8"));
      expect(stack.terraform.required_version).toBe(">= 1.11.0");
      expect((await init()).exitCode).toBe(0);
      stack.terraform.required_version = ">= 99.0.0";
      writeFileSync(file, JSON.stringify(stack));

      const { errors } = await init();

      expect(errors).toHaveLength(errorsOfAnOldOne);
      for (const error of errors) expect(error).toMatch(/Unsupported .*>= 99\.0\.0/);
    });
  });
});
