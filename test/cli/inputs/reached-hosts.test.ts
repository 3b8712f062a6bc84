import { afterEach, beforeEach, expect, it } from "vitest";
import { Project } from "../../../lib/cli/inputs/project";
import { ReachedHosts } from "../../../lib/cli/inputs/reached-hosts";
import { CdktfProject } from "../support/project";

let files: CdktfProject;
beforeEach(() => {
  files = new CdktfProject({ mail: "", web: "" });
});
afterEach(() => files.remove());

it("GIVEN hosts of two stacks THEN each has the connection of its own; those without are told, and left out", () => {
  const declare = (stack: string, hosts: object) =>
    files.write(
      `cdktf.out/stacks/${stack}/cdk.tf.json`,
      JSON.stringify({ provider: { mailsni: [{ hosts }] } }),
    );
  declare("mail", {
    mx1: { address: "one.test" },
    mx2: { address: "${local.address}" },
    tree: { root: "../../../out" },
    container: { root: "/srv/mail", ownership: "apply" },
  });
  declare("web", { mx1: { address: "other.test" } });
  const table = {
    version: 1 as const,
    hosts: ["mail/mx1", "mail/mx2", "mail/tree", "mail/container", "web/mx1", "web/image"].map((each) => {
      const [stack = "", host = ""] = each.split("/");
      return { stack, host, services: [] };
    }),
    acknowledged: [],
    leftOut: [],
  };
  const told: string[] = [];
  const project = Project.in(files.directory, {}) as Project;
  const reached = new ReachedHosts(table, project, (line) => told.push(line));
  expect(reached.find("mail", "mx1")?.ssh).toMatchObject({ address: "one.test" });
  expect(reached.find("web", "mx1")?.ssh).toMatchObject({ address: "other.test" });
  expect(reached.find("mail", "container")?.ssh).toBeNull();
  for (const [stack, host] of [
    ["mail", "mx2"],
    ["mail", "tree"],
    ["web", "image"],
  ] as const)
    expect(reached.find(stack, host)).toBeUndefined();
  expect(told).toEqual([
    "Host mx2 is not asked: its connection has an expression, which only the engine evaluates.",
    "Host tree is not asked: deploys only write files there.",
    "Host image is not asked: the provider of its stack does not connect to it.",
  ]);
});
