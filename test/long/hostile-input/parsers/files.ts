import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let directory: string | undefined;

export function inFile<T>(name: string, contents: Buffer, read: (path: string) => T): T {
  directory ??= mkdtempSync(join(tmpdir(), "mail-sni-hostile-"));
  const path = join(directory, name);
  writeFileSync(path, contents);
  return read(path);
}

export function removeFiles(): void {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
}
