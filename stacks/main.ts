import { App } from "cdktf";
import { QuickstartStack } from "./quickstart";

/**
 * What `cdktf.json` runs: the example that needs no mail host. The context is not in `cdktf.json`, so that the table is beside the
 * example even if this file is run without `cdktf`.
 */
const app = new App({ context: { "mail-sni:table": "stacks" } });
new QuickstartStack(app, "quickstart");
app.synth();
