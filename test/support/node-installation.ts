import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { cachePath } from "./cache";
import { mustRun } from "./commands";
import type { Requirement } from "./machine";

/** The versions of Node that the README names. */
export const NODE_VERSIONS = [20, 22, 24] as const;
export type NodeVersion = (typeof NODE_VERSIONS)[number];

/** For suites that run with a version of Node that need not be the one that runs the tests. */
export function nodeRequirement(version: NodeVersion): Requirement {
  const remedy = "`npm run test:long` installs it from npm";
  return { missing: findNode(version) ? null : `no Node ${version} (${remedy})` };
}

/** A PATH on which `node` is that version. `npm` and `npx` run with it too. @throws Error where it is not here */
export function pathWithNode(version: NodeVersion, path = process.env.PATH ?? ""): string {
  const node = findNode(version);
  if (node === null) throw new Error(`There is no Node ${version}.`);
  return [dirname(node), path].join(delimiter);
}

/** The executable, of those that run here or were installed before; null without one. */
export function findNode(version: NodeVersion): string | null {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const installed = executableIn(directoryOf(version));
  return existsSync(installed) ? installed : null;
}

/** Installs it from npm, for machines that reach package registries and nothing else. */
export async function installNode(version: NodeVersion): Promise<void> {
  const workshop = mkdtempSync(join(tmpdir(), "mail-sni-node-"));
  try {
    const options = ["--prefix", workshop, "--no-audit", "--no-fund", "--silent"];
    await mustRun(["npm", "install", ...options, `node@${version}`], { cwd: workshop, timeoutMs: 300_000 });
    mkdirSync(dirname(directoryOf(version)), { recursive: true });
    const copy = `${directoryOf(version)}.${process.pid}`;
    await mustRun(["cp", "-r", workshop, copy]);
    rmSync(directoryOf(version), { recursive: true, force: true });
    renameSync(copy, directoryOf(version));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function directoryOf(version: NodeVersion): string {
  return cachePath(`node-${version}`);
}

function executableIn(directory: string): string {
  return join(directory, "node_modules/node/bin/node");
}
