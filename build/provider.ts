import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as providerModule from "../lib/provider/mail-sni-provider";
import { providerSchemaJson } from "../lib/provider/protocol/schema/schema-json";
import { bundleProvider, importBundled, packageVersion } from "./provider-bundle";

/** Writes `dist/provider`: the provider in one executable file, and the manifest that the constructs read. */
async function buildProvider(): Promise<void> {
  const root = resolve(__dirname, "..");
  const { file, content, version, h1, licences } = await bundleProvider(join(root, "lib/provider/main.ts"), {
    file: "terraform-provider-mailsni.cjs",
    packageVersion: packageVersion(root),
  });
  const directory = join(root, "dist/provider");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, file), content);
  chmodSync(join(directory, file), 0o755);
  writeFileSync(join(directory, "LICENCES.txt"), licences);
  const { mailSniProvider } = await importBundled<typeof providerModule>(
    join(root, "lib/provider/mail-sni-provider.ts"),
  );
  const manifest = { version, file, h1, schema: providerSchemaJson(mailSniProvider()) };
  writeFileSync(join(directory, "manifest.json"), `${JSON.stringify(manifest)}\n`);
  console.log(`dist/provider/${file}: version ${version}, ${content.length} bytes`);
}

void buildProvider();
