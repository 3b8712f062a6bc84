import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DOCTOR_SCHEMA } from "../lib/cli/doctor/reports/json-schema";
import { IMPORT_SCHEMA } from "../lib/cli/import/reports/json-schema";
import { PLAN_SCHEMA } from "../lib/cli/plan/reports/json-schema";
import { RENEW_SCHEMA } from "../lib/cli/renew/reports/json-schema";
import { STATUS_SCHEMA } from "../lib/cli/status/reports/json-schema";
import { VERIFY_SCHEMA } from "../lib/cli/verify/reports/json-schema";
import { bundleCli } from "./cli-bundle";

/** Writes `dist/cli`: the command in one executable file, and the schemas of what it writes as JSON. */
async function buildCli(): Promise<void> {
  const root = resolve(__dirname, "..");
  const directory = join(root, "dist/cli");
  const { content, licences } = await bundleCli(root);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "mail-sni.cjs"), content, { mode: 0o755 });
  writeFileSync(join(directory, "LICENCES.txt"), licences);
  for (const [command, schema] of Object.entries({
    verify: VERIFY_SCHEMA,
    status: STATUS_SCHEMA,
    plan: PLAN_SCHEMA,
    renew: RENEW_SCHEMA,
    doctor: DOCTOR_SCHEMA,
    import: IMPORT_SCHEMA,
  })) {
    writeFileSync(join(directory, `${command}.schema.json`), `${JSON.stringify(schema)}\n`);
  }
  console.log(`dist/cli/mail-sni.cjs: ${content.length} bytes`);
}

void buildCli();
