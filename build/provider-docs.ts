import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { providerPages } from "./provider-pages";

/** Writes `docs/provider`, the provider's pages in the registry's format, from the schema in its manifest. */
function main(): void {
  const root = resolve(__dirname, "..");
  const { schema } = JSON.parse(readFileSync(join(root, "dist/provider/manifest.json"), "utf8"));
  for (const [name, text] of providerPages(schema, join(root, "build/provider-docs"))) {
    const file = join(root, "docs/provider", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

main();
