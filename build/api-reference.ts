import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TypeDocOptions } from "typedoc";

/** What TypeDoc is told. */
function options(root: string, directory: string) {
  return {
    outputs: [{ name: "markdown", path: directory }],
    entryPoints: [join(root, "lib/index.ts")],
    tsconfig: join(root, "tsconfig.build.json"),
    basePath: root,
    plugin: ["typedoc-plugin-markdown"],
    name: "API reference",
    readme: "none",
    // Links to a file and line of a repository would change with every commit.
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    githubPages: false,
    // The words behind `@default` are prose, not code.
    jsDocCompatibility: { defaultTag: false, exampleTag: true },
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useHTMLAnchors: false,
    parametersFormat: "table",
    sort: ["source-order"],
    validation: { invalidLink: true, notExported: true, notDocumented: false },
    logLevel: "Warn",
  } satisfies Partial<TypeDocOptions> & Record<string, unknown>;
}

/**
 * Writes the reference of the public constructs, from the doc comments behind `lib/index.ts`.
 *
 * @returns the warnings that were logged
 */
export async function writeApiReference(root: string, directory: string): Promise<readonly string[]> {
  const { Application, LogLevel } = await import("typedoc");
  const application = await Application.bootstrapWithPlugins(options(root, directory));
  const warnings: string[] = [];
  application.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) warnings.push(message);
  };
  const project = await application.convert();
  if (!project) throw new Error(`TypeDoc could not read lib/index.ts: ${warnings.join("; ")}`);
  await application.generateOutputs(project);
  return warnings;
}

/** The text of every page below a directory, by its path there. */
export function pagesBelow(directory: string): ReadonlyMap<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const pages = names.filter((name) => name.endsWith(".md")).sort();
  return new Map(pages.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
}
