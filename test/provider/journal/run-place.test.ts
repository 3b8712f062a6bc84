import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runPlace, runWorkspace } from "../../../lib/provider/journal/run-place";

describe("runPlace", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mail-sni-stack-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const place = (environment: Record<string, string> = {}) =>
    runPlace("1111111111111111", environment, folder);
  const chosen = (name: string, directory = ".terraform") => {
    mkdirSync(join(folder, directory), { recursive: true });
    writeFileSync(join(folder, directory, "environment"), name);
  };

  it("GIVEN no workspace was chosen, or the default one THEN the place is the same, and an entry can have it", () => {
    const first = place();
    chosen("default");
    expect(place()).toBe(first);
    expect(place({ TF_WORKSPACE: "default" })).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
  });

  it("GIVEN another workspace in the same folder THEN it is another place, however it was chosen", () => {
    const first = place();
    chosen("other");
    const other = place();
    expect(other).not.toBe(first);
    expect(place({ TF_WORKSPACE: "other" })).toBe(other);
    expect(place({ TF_WORKSPACE: "default" })).toBe(first);
    chosen("third", "data");
    expect(place({ TF_DATA_DIR: "data" })).toBe(place({ TF_WORKSPACE: "third" }));
  });

  it("GIVEN another folder THEN it is another place", () => {
    expect(runPlace("2222222222222222", {}, folder)).not.toBe(place());
  });

  describe("GIVEN a backend", () => {
    const backend = (type: string, config: object, directory = ".terraform") => {
      mkdirSync(join(folder, directory), { recursive: true });
      const initialised = { version: 3, backend: { type, config, hash: 1 } };
      writeFileSync(join(folder, directory, "terraform.tfstate"), JSON.stringify(initialised));
    };
    const both = (environment: Record<string, string> = {}) => [
      place(environment),
      runWorkspace(environment, folder),
    ];
    const differ = (one: readonly string[], other: readonly string[]) =>
      one.map((each, index) => each !== other[index]);

    it.each([
      ["s3", { bucket: "states", key: "staging.tfstate" }, { bucket: "states", key: "production.tfstate" }],
      ["http", { address: "https://a.test/staging" }, { address: "https://a.test/production" }],
      ["pg", { conn_str: "postgres://a.test/one" }, { conn_str: "postgres://a.test/two" }],
      ["remote", { workspaces: [{ name: "staging" }] }, { workspaces: [{ name: "production" }] }],
    ])("WHEN %s leads to another state THEN it is another place, here and on a host", (type, one, other) => {
      backend(type, one);
      const first = both();
      backend(type, other);
      expect(differ(first, both())).toEqual([true, true]);
    });

    it("WHEN a variable of the environment leads to another state THEN it is another place, here and on a host", () => {
      backend("http", { address: null });
      const first = both({ TF_HTTP_ADDRESS: "https://a.test/staging" });
      expect(differ(first, both({ TF_HTTP_ADDRESS: "https://a.test/production" }))).toEqual([true, true]);
    });

    it.each([
      ["http", { username: "ci", password: "one" }, { username: "ci", password: "two" }],
      ["http", { address: "https://ci:one@a.test/x" }, { address: "https://ci:two@a.test/x" }],
      ["pg", { conn_str: "postgres://ci:one@a.test/x" }, { conn_str: "postgres://ci:two@a.test/x" }],
      ["pg", { conn_str: "host=a.test password=one" }, { conn_str: "host=a.test password=two" }],
    ])("WHEN the credentials of %s differ alone THEN it is the same place", (type, one, other) => {
      backend(type, one);
      const first = both();
      backend(type, other);
      expect(both()).toEqual(first);
    });

    it("WHEN it is a file of this machine THEN that counts here, and not on a host, where a run may be in another folder", () => {
      const none = both();
      backend("local", { path: "/project/staging.tfstate", workspace_dir: null });
      const first = both();
      expect(differ(none, first)).toEqual([true, false]);
      backend("local", { path: "/project/production.tfstate", workspace_dir: null });
      expect(differ(first, both())).toEqual([true, false]);
    });

    it.each(["", "{", "null", "[]", '{"backend":1}', '{"backend":{"type":[],"config":"x"}}'])(
      "WHEN its file is %j THEN it is as without one",
      (text) => {
        const none = both();
        mkdirSync(join(folder, ".terraform"));
        writeFileSync(join(folder, ".terraform/terraform.tfstate"), text);
        expect(both()).toEqual(none);
      },
    );

    it("WHEN the engine's directory is another THEN the backend there counts", () => {
      backend("http", { address: "https://a.test/x" }, "data");
      const there = both({ TF_DATA_DIR: "data" });
      expect(differ(both(), there)).toEqual([true, true]);
    });
  });

  it("GIVEN the same workspace in another folder THEN that is the same", () => {
    chosen("other");
    const workspace = runWorkspace({}, folder);
    expect(workspace).toBe(runWorkspace({ TF_WORKSPACE: "other" }, "/elsewhere"));
    expect(workspace).not.toBe(runWorkspace({}, "/elsewhere"));
    expect(workspace).toMatch(/^[0-9a-f]{16}$/);
  });
});
