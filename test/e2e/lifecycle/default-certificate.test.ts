import { afterAll, beforeAll, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { fileTree } from "../../support/file-tree";
import { FileWatch } from "../../support/file-watch";
import { describeIf } from "../../support/requirements";
import { domainFiles, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const DEFAULT = "/var/qmail/control/servercert.pem";

describeIf(engineUnderTest, "the certificate of clients that send no known name", () => {
  let workspace: Workspace;
  let server: StandInServer;
  const pems: Record<string, string> = {};
  beforeAll(async () => {
    workspace = await Workspace.open("in process");
    server = new StandInServer(workspace.directory);
    for (const name of ["one", "two"]) pems[name] = await pemFor(`${name}.test`);
  });
  afterAll(() => workspace.close());

  /** As constructs declare it: a base with a placeholder, one slot for the default, and the domains behind the base. */
  const declare = (defaultDomain: string | null, ...domains: readonly string[]) => {
    const behindBase = { depends_on: ["mailsni_host_files.base"] };
    workspace.declare({
      hosts: { mx1: server.host },
      resources: {
        "mailsni_host_files.base": {
          host: "mx1",
          role: "base",
          directories: { "/var/qmail/control": {} },
          placeholders: { [DEFAULT]: { names: ["placeholder.test"], mode: "0640" } },
        },
        ...(defaultDomain && {
          "mailsni_host_files.default": {
            host: "mx1",
            role: "default",
            names: [`${defaultDomain}.test`],
            files: { [DEFAULT]: { mode: "0640", on_destroy: "keep" } },
            secrets: { [DEFAULT]: pems[defaultDomain] },
            ...behindBase,
          },
        }),
        ...Object.fromEntries(
          domains.map((name) => [
            `mailsni_host_files.${name}`,
            { ...domainFiles(`${name}.test`, pems[name] as string), ...behindBase },
          ]),
        ),
      },
    });
  };

  it("GIVEN a host without one THEN there is a placeholder, and the default takes its place without a gap", async () => {
    declare(null);
    await workspace.mustApply();
    const placeholder = server.read(DEFAULT);
    expect(placeholder).toContain("PRIVATE KEY");
    await expectNothingToDo(workspace);
    const watch = await FileWatch.start(server.path(DEFAULT));

    declare("one", "one", "two");
    const { messages } = await workspace.mustApply();

    const { misses, texts } = await watch.stop();
    expect(misses).toBe(0);
    expect(texts).toEqual([placeholder, pems.one]);
    expect(messages).toEqual([]);
    await expectNothingToDo(workspace);
  });

  it("GIVEN another default domain THEN one slot changes, and there is a whole PEM at every moment", async () => {
    const watch = await FileWatch.start(server.path(DEFAULT));

    declare("two", "one", "two");
    const { changes } = await workspace.mustApply();

    const { misses, texts } = await watch.stop();
    expect(changes).toEqual({ "mailsni_host_files.default": "update" });
    expect(misses).toBe(0);
    expect(texts).toEqual([pems.one, pems.two]);
    expect(fileTree(server.root)[DEFAULT]).toMatch(/^file 0640/);
    await expectNothingToDo(workspace);
  });

  it("GIVEN the first default's domain is removed together with the move THEN the default never misses", async () => {
    const watch = await FileWatch.start(server.path(DEFAULT));

    declare("one", "one");
    const { changes } = await workspace.mustApply();

    const { misses, texts } = await watch.stop();
    expect(changes).toEqual({ "mailsni_host_files.default": "update", "mailsni_host_files.two": "delete" });
    expect(misses).toBe(0);
    expect(texts).toEqual([pems.two, pems.one]);
    await expectNothingToDo(workspace);
  });

  it("GIVEN a default that is declared no more, or all destroyed THEN it stays", async () => {
    const watch = await FileWatch.start(server.path(DEFAULT));

    declare(null, "one");
    await workspace.mustApply();
    await expectNothingToDo(workspace);
    await workspace.destroy();

    const { misses, texts } = await watch.stop();
    expect(misses).toBe(0);
    expect(texts).toEqual([pems.one]);
    expect(server.served).toEqual({});
  });
});
