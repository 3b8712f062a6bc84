import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Everything below a directory, in order: mode, path, and where a link leads. Ids of accounts are left out. */
export function treeShape(directory: string): string[] {
  return shapeOf(directory, "").map((line) => line.replaceAll(/\b[0-9a-f]{32}\b/g, "ID"));
}

function shapeOf(directory: string, below: string): string[] {
  return readdirSync(join(directory, below))
    .sort()
    .flatMap((name): string[] => {
      const path = join(below, name);
      const status = lstatSync(join(directory, path));
      if (status.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(directory, path))}`];
      const line = `${(status.mode & 0o777).toString(8)} ${path}`;
      return status.isDirectory() ? [line, ...shapeOf(directory, path)] : [line];
    });
}
