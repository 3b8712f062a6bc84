import { createReadStream } from "node:fs";
import { PlanReader } from "../../lib/cli/planned/read-plan";
import { printUsage } from "../usage-lines";

/** Reads the plan in a file, as `mail-sni plan` and `mail-sni renew` do, and says how many changes it has. */
async function main(): Promise<void> {
  const [file = ""] = process.argv.slice(2);
  const reader = new PlanReader(file);
  for await (const piece of createReadStream(file)) reader.write(piece);
  console.log(`changes: ${reader.end().changes.length}`);
  printUsage();
}

void main();
