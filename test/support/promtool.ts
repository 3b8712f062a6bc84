import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cachePath } from "./cache";
import { unpackPackage } from "./debian-archive";

/** Prometheus' own checker of rules and metrics. */
export function findPromtool(): string | null {
  const promtool = join(cachePath("prometheus"), "usr/bin/promtool");
  return existsSync(promtool) && spawnSync(promtool, ["--version"]).status === 0 ? promtool : null;
}

/** Unpacks Debian's Prometheus, and keeps the checker alone: the server has a hundred megabytes. Needs root. */
export function unpackPromtool(): Promise<void> {
  return unpackPackage("prometheus", async ({ files }) => {
    rmSync(join(files, "usr/bin/prometheus"));
  });
}
