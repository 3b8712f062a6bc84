import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A directory of `dist` in this package, which its build has made: `provider` or `host`. Found from `lib` and from `dist/lib`,
 * where the code is compiled.
 */
export function builtDirectory(name: "provider" | "host"): string {
  let directory = __dirname;
  while (!existsSync(join(directory, "package.json"))) directory = dirname(directory);
  return join(directory, "dist", name);
}
