import { App } from "cdktf";
import { QuickstartStack } from "./quickstart";

/**
 * What `cdktf.json` runs: the example that needs no mail host. Its table is beside it, whether `cdktf` or a person runs this, so the context
 * is not in `cdktf.json`.
 */
const app = new App({ context: { "mail-sni:table": "stacks" } });
new QuickstartStack(app, "quickstart");
app.synth();
