import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { generateBindings } from "../../build/bindings";
import { importBundled } from "../../build/provider-bundle";
import type * as providerModule from "../../lib/provider/mail-sni-provider";
import { providerSchemaJson } from "../../lib/provider/protocol/schema/schema-json";

const ROOT = resolve(__dirname, "../..");

it("The committed bindings are those of the provider's schema (else: npm run bindings)", async () => {
  const provider = join(ROOT, "lib/provider/mail-sni-provider.ts");
  const { mailSniProvider } = await importBundled<typeof providerModule>(provider);
  const directory = mkdtempSync(join(tmpdir(), "bindings-"));
  try {
    generateBindings(providerSchemaJson(mailSniProvider()), join(directory, "mailsni"));

    expect(filesBelow(join(ROOT, "lib/constructs/bindings/mailsni"))).toEqual(
      filesBelow(join(directory, "mailsni")),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 120_000);

function filesBelow(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    paths
      .filter((path) => statSync(join(directory, path)).isFile())
      .map((path) => [path, readFileSync(join(directory, path), "utf8")]),
  );
}
