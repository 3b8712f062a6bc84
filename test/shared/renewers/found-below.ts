import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { FIND_RENEWERS } from "../../../lib/shared/renewers/find-renewers";
import { type FoundRenewers, renewersIn } from "../../../lib/shared/renewers/renewers";

/** A file with a text, or a link. */
export type Entry = string | { readonly link: string };

/** What is found on a host with these files, by path. */
export function foundBelow(files: Readonly<Record<string, Entry>>): FoundRenewers {
  const root = mkdtempSync(join(tmpdir(), "mail-sni-renewers-"));
  try {
    for (const [path, entry] of Object.entries(files)) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      if (typeof entry === "string") writeFileSync(file, entry, { mode: 0o755 });
      else symlinkSync(entry.link, file);
    }
    const script = `root=$1\n${FIND_RENEWERS}\nrenewers`;
    const { stdout, stderr, status } = spawnSync("sh", ["-c", script, "sh", root], { encoding: "utf8" });
    // `find` ends with an error if one of the directories does not exist.
    expect({ stderr, status: status === null }).toEqual({ stderr: "", status: false });
    return renewersIn(stdout.split("\n"), (path) => path.slice(root.length));
  } finally {
    rmSync(root, { recursive: true });
  }
}
