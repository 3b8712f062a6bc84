import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type INamespace, parse, Root } from "protobufjs";

/** All interface definitions in `directory`, as one. */
export function parseDefinitions(directory: string): INamespace {
  const root = new Root();
  const files = readdirSync(directory).filter((file) => file.endsWith(".proto"));
  for (const file of files.sort()) {
    parse(readFileSync(join(directory, file), "utf8"), root, { keepCase: true });
  }
  return root.toJSON();
}
