import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * Everything below a directory, for comparisons before and after: by path, beginning with a slash, its kind, mode and
 * owner, and its contents or where it leads.
 *
 * @param except directories whose contents do not count
 */
export function fileTree(directory: string, except: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pathsBelow(directory)
      .filter((path) => !except.some((other) => path.startsWith(other)))
      .map((path) => [path, description(join(directory, path))]),
  );
}

/** By path, which file it is and when it was last changed in any way: equal only where nothing has touched it. */
export function fileIdentities(directory: string, paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    paths.map((path) => {
      const { ino, mtimeMs, ctimeMs } = lstatSync(join(directory, path));
      return [path, `${ino} ${mtimeMs} ${ctimeMs}`];
    }),
  );
}

/** Files of our own making that only exist while something is being changed. */
export function temporaryFiles(directory: string): string[] {
  return pathsBelow(directory).filter((path) => /mail-sni-(new|old)|candidate|\/output$/.test(path));
}

function pathsBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => `/${relative(directory, join(parentPath, name))}`)
    .sort();
}

function description(path: string): string {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, "0");
  const owner = `${stat.uid}:${stat.gid}`;
  if (stat.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (stat.isDirectory()) return `directory ${mode} ${owner}`;
  if (!stat.isFile()) return "something else";
  return `file ${mode} ${owner} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}
