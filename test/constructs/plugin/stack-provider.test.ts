import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { App, LocalBackend, TerraformStack, Testing } from "cdktf";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { MailHost, MailSni, PrivateCa, Qmail } from "../../../lib";
import { StackProvider } from "../../../lib/constructs/plugin/stack-provider";
import { providerDirectory, synthesized, testApp, testStack } from "../../support/synthesized";

function declare(stack: TerraformStack, { scope = stack as Construct, id = "sni" } = {}): void {
  new LocalBackend(stack, { path: "state" });
  const mx1 = MailHost.local(scope, "mx1", { services: [Qmail.standard()] });
  new MailSni(scope, id, {
    hosts: [mx1],
    issuer: new PrivateCa(scope, "ca"),
    defaultDomain: "a.tld",
  }).addDomain("a.tld");
}

describe("StackProvider", () => {
  it("exists once per stack", () => {
    const app = testApp();
    const [one, other] = [new TerraformStack(app, "one"), new TerraformStack(app, "other")];

    expect(StackProvider.of(new PrivateCa(one, "ca"))).toBe(StackProvider.of(one));
    expect(StackProvider.of(other)).not.toBe(StackProvider.of(one));
  });

  it("GIVEN a MailSni, or a construct around all, with the package's name for an id THEN it is like any other", () => {
    const [first, second] = [testStack(), testStack()];
    declare(first, { id: "mail-sni" });
    declare(second, { scope: new Construct(second, "mail-sni") });

    for (const stack of [first, second]) expect(synthesized(stack).provider.mailsni).toHaveLength(1);
  });

  it("requires the very version that is put beside the stack, by its full address", () => {
    const stack = testStack();
    declare(stack);

    expect(synthesized(stack).terraform.required_providers.mailsni).toEqual({
      source: "mail-sni.invalid/mail-sni/mailsni",
      version: "1.2.3-b0",
    });
  });

  it("installs the provider when the app is synthesized, also when its output was deleted", () => {
    const app = testApp();
    declare(new TerraformStack(app, "stack"));
    const directory = join(app.outdir, "stacks/stack");
    const executable = join(
      directory,
      "terraform.d/plugins/mail-sni.invalid/mail-sni/mailsni/1.2.3-b0/linux_amd64/bundle.cjs",
    );

    app.synth();
    expect(existsSync(executable)).toBe(true);

    rmSync(directory, { recursive: true });
    app.synth();
    expect(existsSync(executable)).toBe(true);
    expect(readFileSync(join(directory, ".terraform.lock.hcl"), "utf8")).toContain('"h1:0="');
  });

  it("closes the stack's directory to other users, one that was open before as well", () => {
    const app = testApp();
    declare(new TerraformStack(app, "stack"));
    const directory = join(app.outdir, "stacks/stack");
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o775);

    app.synth();
    expect(statSync(directory).mode & 0o7777).toBe(0o700);

    rmSync(directory, { recursive: true });
    app.synth();
    expect(statSync(directory).mode & 0o7777).toBe(0o700);
  });

  it("says how to build the provider before anything is synthesized", () => {
    const stack = new TerraformStack(
      Testing.app({ context: { "mail-sni:provider-directory": "/nowhere" } }),
      "stack",
    );
    declare(stack);

    expect(() => synthesized(stack)).toThrow(
      /\/nowhere\/manifest\.json.*npm run build.*\[PROVIDER_NOT_BUILT\]/s,
    );
  });

  it("refuses HCL, of which cdktf would make something that no engine reads", () => {
    const app = new App({
      outdir: testApp().outdir,
      hclOutput: true,
      context: { "mail-sni:provider-directory": providerDirectory() },
    });
    const stack = new TerraformStack(app, "stack");
    declare(stack);

    for (const synthesize of [() => stack.toHclTerraform(), () => app.synth()]) {
      expect(synthesize).toThrow(expect.objectContaining({ code: "HCL_OUTPUT" }));
    }
  });
});
