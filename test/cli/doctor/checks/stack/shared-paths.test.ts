import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sharedPaths } from "../../../../../lib/cli/doctor/checks/stack/shared-paths";
import type { StackHere } from "../../../../../lib/cli/doctor/checks/stack/stack";
import { declaredStack } from "../../../../../lib/cli/doctor/declared/declared-stack";
import { CdktfProject } from "../../../support/project";

const HERE = { root: "/srv/mail" };

describe("the check `shared-paths`", () => {
  let project: CdktfProject;
  beforeEach(() => {
    project = new CdktfProject({ mail: "", web: "" });
  });
  afterEach(() => project.remove());

  function declared(name: string, host: object, paths: readonly string[]) {
    const files = Object.fromEntries(paths.map((path) => [path, { text: "" }]));
    const document = {
      provider: { mailsni: [{ stack: name, hosts: { mx1: host } }] },
      resource: { mailsni_host_files: { base: { host: "mx1", files } } },
    };
    project.write(`cdktf.out/stacks/${name}/cdk.tf.json`, JSON.stringify(document));
    return declaredStack({ name, directory: project.stackDirectory(name) });
  }

  /** What is found about the second stack. */
  const found = async (first: ReturnType<typeof declared>, second: ReturnType<typeof declared>) =>
    sharedPaths.findings({
      declared: second,
      earlier: [{ name: "mail", declared: first }],
    } as unknown as StackHere);

  it("GIVEN a path that two stacks declare on one host THEN an error, which names the path and the other stack", async () => {
    const mail = declared("mail", HERE, ["/etc/a", "/etc/b", "/etc/mail"]);
    expect(await found(mail, declared("web", HERE, ["/etc/b", "/etc/a", "/etc/web"]))).toEqual([
      {
        state: "error",
        problem: expect.stringContaining(
          "On host mx1, stack mail declares /etc/a and 1 more of its paths, too",
        ),
        remedy: expect.stringContaining("in one of the stacks only"),
      },
    ]);
  });

  it.each([
    ["other paths", HERE, ["/etc/web"]],
    ["another directory of the machine", { root: "/srv/web" }, ["/etc/a"]],
    ["another machine of the same name in the stack", { address: "mx1.test" }, ["/etc/a"]],
    ["a host that is gone", { ...HERE, gone: true }, ["/etc/a"]],
  ])("GIVEN %s THEN nothing is wrong", async (_, host, paths) => {
    const mail = declared("mail", HERE, ["/etc/a"]);
    expect(await found(mail, declared("web", host, paths))).toEqual([
      { state: "ok", fact: "no other stack declares its paths on its hosts" },
    ]);
  });
});
