import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { bundledLicences } from "./bundled-licences";
import { packageVersion } from "./provider-bundle";

/** The command `mail-sni` as one executable file, and the licences of the libraries in it. */
export interface CliBundle {
  readonly content: Buffer;
  readonly licences: string;
}

/** @param root of the package */
export async function bundleCli(root: string): Promise<CliBundle> {
  const entry = join(root, "lib/cli/main.ts");
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    loader: { ".sh": "text", ".css": "text", ".browser.js": "text" },
    define: { MAIL_SNI_VERSION: JSON.stringify(packageVersion(root)) },
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
  });
  const modules = Object.keys(metafile.inputs).map((path) => resolve(dirname(entry), path));
  return {
    content: Buffer.from((outputFiles[0] as { contents: Uint8Array }).contents),
    licences: bundledLicences(modules),
  };
}
