import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface ProviderSchema {
  /** As `cdktf.json` has it, without a namespace; and which versions. */
  readonly name: string;
  readonly version: string;
  /** With its registry's host. */
  readonly source: string;
  /** As engines print it. */
  readonly schema: unknown;
}

const COMMAND = resolve(__dirname, "../node_modules/.bin/cdktf");

/**
 * Runs `cdktf get` in a project. It is given the schemas of providers, instead of having an engine download and ask them, so
 * that no network is needed.
 */
export function cdktfGet(project: string, providers: readonly ProviderSchema[]): void {
  const cache = mkdtempSync(join(tmpdir(), "mail-sni-schemas-"));
  try {
    for (const { name, version, source, schema } of providers) {
      writeFileSync(
        join(cache, `${[name, version].map(encodeURIComponent).join("@")}.json`),
        JSON.stringify({ format_version: "1.0", provider_schemas: { [source]: schema } }),
      );
    }
    execFileSync(COMMAND, ["get"], {
      cwd: project,
      env: {
        ...process.env,
        CDKTF_EXPERIMENTAL_PROVIDER_SCHEMA_CACHE_PATH: cache,
        CHECKPOINT_DISABLE: "1",
        CI: "1",
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
  } finally {
    rmSync(cache, { recursive: true });
  }
}
