import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { CodeCache } from "./code-cache";
import { embeddedIn } from "./embedded-program";

/** What the bundle begins with: it runs the program that is embedded in its file, compiled already if an earlier run has left that. */
function start(): void {
  const program = embeddedIn(readFileSync(__filename, "latin1"));
  if (program === null) throw new Error(`${__filename} is damaged: there is no program in it.`);
  const cache = CodeCache.of(program.digest, process.env);
  const cachedData = cache?.read();
  const script = new Script(program.source, { filename: __filename, cachedData });
  // With the functions that were compiled meanwhile.
  if (cache !== null && (cachedData === undefined || script.cachedDataRejected))
    process.once("exit", (status) => {
      if (status === 0) cache.write(script.createCachedData());
    });
  script.runInThisContext()(exports, require, module, __filename, __dirname);
}

start();
