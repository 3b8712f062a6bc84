import { App } from "cdktf";
import { QuickstartStack } from "./quickstart";

/**
 * What `cdktf.json` runs: every example stack. Their table is beside them, whether `cdktf` or a person runs this, so the context
 * is not in `cdktf.json`.
 */
const app = new App({ context: { "mail-sni:table": "stacks" } });
new QuickstartStack(app, "quickstart");
app.synth();
