import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import script from "../../../../../lib/cli/doctor/checks/host/unopened.sh";
import { OTHER_UID, root } from "../../../../support/machine";
import { describeIf } from "../../../../support/requirements";

describeIf(root, "what keeps files from being opened", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-unopened-"));
    chmodSync(directory, 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const at = (path: string) => join(directory, path);
  const write = (path: string, mode: number) => {
    mkdirSync(at(join(path, "..")), { recursive: true });
    writeFileSync(at(path), "x");
    chmodSync(at(path), mode);
  };

  /** What the script prints, as another user than root. */
  function said(...paths: readonly string[]): string[] {
    const { stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...paths.map(at)], {
      encoding: "utf8",
      uid: OTHER_UID,
      gid: OTHER_UID,
    });
    expect(stderr).toBe("");
    return stdout.replaceAll(directory, "").trimEnd().split("\n");
  }

  it("THEN each cause is told, and nothing of what can be opened", () => {
    write("open.pem", 0o644);
    write("mine.pem", 0o600);
    write("closed/a/b.pem", 0o644);
    chmodSync(at("closed"), 0o700);
    mkdirSync(at("directory.pem"));
    symlinkSync("nowhere", at("link.pem"));
    symlinkSync("open.pem", at("good link.pem"));
    const paths = [
      "open.pem",
      "good link.pem",
      "mine.pem",
      "closed/a/b.pem",
      "directory.pem",
      "link.pem",
      "$(id).pem",
    ];
    expect(said(...paths)).toEqual([
      `I\t${OTHER_UID}`,
      "unreadable\t\t/mine.pem",
      "closed\t/closed\t/closed/a/b.pem",
      "no file\t\t/directory.pem",
      "link\t\t/link.pem",
      "missing\t\t/$(id).pem",
    ]);
  });
});
