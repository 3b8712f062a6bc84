import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeApiReference } from "./api-reference";

/** Writes `docs/api`, the reference of the public constructs. */
async function main(): Promise<void> {
  const root = resolve(__dirname, "..");
  const directory = join(root, "docs/api");
  rmSync(directory, { recursive: true, force: true });
  for (const warning of await writeApiReference(root, directory)) console.warn(warning);
}

void main();
