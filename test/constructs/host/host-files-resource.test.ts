import { TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { HostFilesResource } from "../../../lib/constructs/host/host-files-resource";
import { StackProvider } from "../../../lib/constructs/plugin/stack-provider";
import { synthesized, testApp, testStack } from "../../support/synthesized";

describe("HostFilesResource", () => {
  it("GIVEN attributes in Terraform's spelling THEN the stack has them, and paths as they are", () => {
    const stack = testStack();
    StackProvider.of(stack);
    const attributes = {
      host: "mx1",
      state_id: "${mailsni_state_identity.this.id}",
      files: { "/etc/someFile.conf": { service: "dovecot", text: "a = b\n", on_destroy: "keep" } },
      names: ["d.tld"],
    };

    new HostFilesResource(stack, "files", attributes);

    const { "//": _, ...resource } = synthesized(stack).resource.mailsni_host_files.files;
    expect(resource).toEqual(attributes);
  });

  it("GIVEN a name of the generated construct THEN TypeScript refuses it", () => {
    const stack = testStack();
    // @ts-expect-error: Terraform calls it state_id, and would refuse the plan
    new HostFilesResource(stack, "state", { host: "mx1", stateId: "s" });
    // @ts-expect-error: Terraform calls it on_destroy
    new HostFilesResource(stack, "files", { host: "mx1", files: { "/a": { onDestroy: "keep" } } });
  });

  it("GIVEN another attribute by an escape hatch of cdktf THEN the stack has it", () => {
    const stack = testStack();
    StackProvider.of(stack);

    new HostFilesResource(stack, "files", { host: "mx1", role: "base" }).addOverride("role", "default");

    expect(synthesized(stack).resource.mailsni_host_files.files.role).toBe("default");
  });

  it("GIVEN another stack's attribute THEN cdktf makes an output and a remote state of it", () => {
    const app = testApp();
    const [one, other] = ["one", "other"].map((id) => new TerraformStack(app, id)) as [
      TerraformStack,
      TerraformStack,
    ];
    for (const stack of [one, other]) StackProvider.of(stack);
    const source = new HostFilesResource(one, "source", { host: "mx1" });

    new HostFilesResource(other, "files", {
      host: "mx1",
      secrets: { "/a.pem": source.getStringAttribute("id") },
    });

    expect(synthesized(other).resource.mailsni_host_files.files.secrets["/a.pem"]).toMatch(
      /^\$\{data\.terraform_remote_state\./,
    );
  });

  it("GIVEN a stack without the provider THEN cdktf refuses it", () => {
    const stack = testStack();
    new HostFilesResource(stack, "files", { host: "mx1" });
    expect(() => Testing.synth(stack, true)).toThrow(/mailsni/);
  });
});
