import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { providerPages } from "../../build/provider-pages";
import { mailSniProvider } from "../../lib/provider/mail-sni-provider";
import { type AttributeJson, providerSchemaJson } from "../../lib/provider/protocol/schema/schema-json";
import { builtProvider } from "../support/built-provider";
import { runEngine, temporaryDirectory, vendorProvider } from "../support/engine";
import { engineUnderTest, requireEngine } from "../support/engine-under-test";
import { describeIf } from "../support/requirements";

const ROOT = resolve(__dirname, "../..");
const HANDWRITTEN = join(ROOT, "build/provider-docs");
const PAGES = join(ROOT, "docs/provider");

const schema = providerSchemaJson(mailSniProvider());
const types = Object.keys({ ...schema.resource_schemas, ...schema.data_source_schemas });

describe("docs/provider", () => {
  it("THEN the pages are what `npm run docs` makes of the provider's schema", () => {
    const committed = readdirSync(PAGES, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => [name, readFileSync(join(PAGES, name), "utf8")] as const);
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(providerPages(schema, HANDWRITTEN)));
  });

  it("THEN every attribute says what it is", () => {
    const blocks = Object.entries({
      provider: schema.provider,
      ...schema.resource_schemas,
      ...schema.data_source_schemas,
    });
    const descriptions = blocks.flatMap(([name, { block }]) => [
      [name, block.description] as const,
      ...described(name, block.attributes ?? {}),
    ]);
    expect(descriptions.filter(([, text]) => !/^(`|[A-Z]|\d).*\.$/s.test(text))).toEqual([]);
  });

  it("GIVEN an attribute of each kind THEN the schema says so as the registry does", () => {
    const text = providerPages(schema, HANDWRITTEN).get("resources/host_files.md") ?? "";
    expect(text).toContain("### Required\n\n- `host` (String) A key of the provider's `hosts`.");
    expect(text).toContain("- `secrets` (Map of String, [Write-only](");
    expect(text).toContain("(see [below for nested schema](#nestedatt--files))");
    expect(text).toContain('<a id="nestedatt--files"></a>\n### Nested Schema for `files`\n\nOptional:\n\n');
    expect(text).toMatch(/Read-Only:\n\n- `sha256` \(String\)/);
    const index = providerPages(schema, HANDWRITTEN).get("index.md") ?? "";
    expect(index).toContain(
      "### Nested Schema for `hosts.services.endpoints`\n\nRequired:\n\n- `port` (Number)",
    );
  });

  it("THEN each resource and data source has an example", () => {
    expect(types.filter((type) => !existsSync(join(HANDWRITTEN, `${type}.tf`)))).toEqual([]);
  });
});

describeIf(engineUnderTest, "the examples of docs/provider", () => {
  it("GIVEN all of them together WHEN planned by an engine THEN there is nothing to complain of", async () => {
    const engine = requireEngine();
    const provider = await builtProvider();
    const files = ["provider", ...types].map((name) => {
      const text = readFileSync(join(HANDWRITTEN, `${name}.tf`), "utf8");
      return [`${name}.tf`, text.replace(/\d+\.\d+\.\d+-b[0-9a-f]{12}/, provider.version)];
    });
    const directory = await temporaryDirectory(Object.fromEntries(files));
    vendorProvider(directory.path, provider);

    const init = await runEngine(engine, directory.path, ["init"]);
    const format = await runEngine(engine, directory.path, ["fmt", "-check"]);
    const plan = await runEngine(engine, directory.path, ["plan"]);
    directory.remove();

    expect(init.output).toContain("successfully initialized");
    expect(format.output).toBe("");
    expect(plan.output).toMatch(/Plan: 10 to add, 0 to change, 0 to destroy/);
    expect(plan.output).not.toContain("Warning");
  }, 120_000);
});

/** Every attribute by path, with its description. */
function described(parent: string, attributes: Readonly<Record<string, AttributeJson>>): [string, string][] {
  return Object.entries(attributes).flatMap(([name, { description, nested_type }]) => [
    [`${parent}.${name}`, description],
    ...described(`${parent}.${name}`, nested_type?.attributes ?? {}),
  ]);
}
