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

/** The same for a directory with these files. */
export function inDirectory<T>(files: Readonly<Record<string, Buffer>>, read: (directory: string) => T): T {
  directory ??= mkdtempSync(join(tmpdir(), "mail-sni-hostile-"));
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(directory, name), contents);
  try {
    return read(directory);
  } finally {
    for (const name of Object.keys(files)) rmSync(join(directory, name));
  }
}

export function removeFiles(): void {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
}
