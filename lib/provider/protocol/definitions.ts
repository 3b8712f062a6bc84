import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { INamespace } from "protobufjs";

/**
 * The interface definitions (`*.proto`) beside this file, parsed.
 *
 * `build/provider.ts` replaces this module by its result: the bundle holds neither files to read nor the parser.
 */
export const definitions: INamespace = parseDefinitions(["tfplugin6", "go-plugin", "health"]);

function parseDefinitions(names: readonly string[]): INamespace {
  const { parse, Root } = require("protobufjs") as typeof import("protobufjs");
  const root = new Root();
  for (const name of names) {
    parse(readFileSync(join(__dirname, `${name}.proto`), "utf8"), root, { keepCase: true });
  }
  return root.toJSON();
}
