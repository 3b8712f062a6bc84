import { dirname, join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { BUNDLE } from "./bundle-options";
import { bundledLicences } from "./bundled-licences";
import { packageVersion } from "./provider-bundle";

/** The command `mail-sni` as one executable file, and the licences of the libraries in it. */
export interface CliBundle {
  readonly content: Buffer;
  readonly licences: string;
}

/** How esbuild bundles what is in `lib/cli`. */
export const CLI_BUILD = {
  ...BUNDLE,
  loader: { ...BUNDLE.loader, ".css": "text", ".browser.js": "text" },
} as const satisfies BuildOptions;

/** @param root of the package */
export async function bundleCli(root: string): Promise<CliBundle> {
  const entry = join(root, "lib/cli/main.ts");
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    ...CLI_BUILD,
    banner: { js: "#!/usr/bin/env node" },
    define: { MAIL_SNI_VERSION: JSON.stringify(packageVersion(root)) },
    minify: true,
    keepNames: true,
    legalComments: "none",
  });
  const modules = Object.keys(metafile.inputs).map((path) => resolve(dirname(entry), path));
  return {
    content: Buffer.from((outputFiles[0] as { contents: Uint8Array }).contents),
    licences: bundledLicences(modules),
  };
}
