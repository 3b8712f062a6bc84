import { App } from "cdktf";
import { QuickstartStack } from "./quickstart";

/** What `cdktf.json` runs: every example stack. */
const app = new App();
new QuickstartStack(app, "quickstart");
app.synth();
