import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkStateOfCopy, deployedCopy } from "../../../lib/cli/renew/deployed-copy";
import { CdktfProject } from "../support/project";

describe("the copy of --from", () => {
  let files: CdktfProject;
  beforeEach(() => {
    files = new CdktfProject();
  });
  afterEach(() => files.remove());

  const copy = () => join(files.directory, "cdktf.out");
  const check = (terraform: object) => {
    files.write("cdktf.out/stacks/mail/cdk.tf.json", JSON.stringify({ terraform }));
    return () => checkStateOfCopy(deployedCopy(copy()).stack("mail"), copy());
  };

  it("GIVEN a copy of cdktf.out THEN it has the stacks, and its own table", () => {
    const project = deployedCopy(copy());
    expect(project.stack("mail").directory).toBe(join(copy(), "stacks/mail"));
    expect(project.tablePath).toBe(join(copy(), "sni-table.json"));
  });

  it("GIVEN another directory THEN what belongs there is said", () => {
    expect(() => deployedCopy(files.directory)).toThrow(
      /--from has ".*", which holds no manifest\.json\. .*copies cdktf\.out.*\[CLI_PROJECT_MISSING\]/,
    );
  });

  it.each<[string, object]>([
    ["a remote state", { backend: { s3: { bucket: "b" } } }],
    ["HCP Terraform", { cloud: { organization: "o" } }],
    ["a local state elsewhere", { backend: { local: { path: "/var/lib/mail/terraform.tfstate" } } }],
  ])("GIVEN %s THEN the copy shares it", (_, terraform) => {
    expect(check(terraform)).not.toThrow();
  });

  it.each<[string, (copy: string) => object]>([
    ["no backend", () => ({})],
    ["a local state without a path", () => ({ backend: { local: {} } })],
    ["a relative path", () => ({ backend: { local: { path: "../../../terraform.tfstate" } } })],
    ["a path in the copy", (root) => ({ backend: { local: { path: join(root, "mail.tfstate") } } })],
    [
      "one in a directory ..data",
      (root) => ({ backend: { local: { path: join(root, "..data/mail.tfstate") } } }),
    ],
  ])("GIVEN %s THEN it is refused, because the states would differ", (_, terraform) => {
    expect(check(terraform(copy()))).toThrow(/does not share with the project\. .*\[CLI_STATE_COPIED\]/);
  });
});
