import { join } from "node:path";
import { printUsage } from "../usage-lines";

/** The command `mail-sni`, which says at its end what it has taken: without the engine that it runs. */
process.on("exit", printUsage);

// From dist/bench, where this is compiled to.
require(join(__dirname, "../cli/mail-sni.cjs"));
