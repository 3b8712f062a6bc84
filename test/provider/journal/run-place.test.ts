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

  it("GIVEN the same workspace in another folder THEN that is the same", () => {
    chosen("other");
    const workspace = runWorkspace({}, folder);
    expect(workspace).toBe(runWorkspace({ TF_WORKSPACE: "other" }, "/elsewhere"));
    expect(workspace).not.toBe(runWorkspace({}, "/elsewhere"));
    expect(workspace).toMatch(/^[0-9a-f]{16}$/);
  });
});
