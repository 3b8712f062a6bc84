import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { withEmbedded } from "../lib/provider/code-cache/embedded-program";
import { parseDefinitions } from "../lib/provider/protocol/wire/parse-definitions";
import { packageHash } from "../lib/shared/engine/provider-place";
import { BUNDLE } from "./bundle-options";
import { bundledLicences } from "./bundled-licences";

/** The provider as one file: the bytes, and what engines and the lock file call them by. */
export interface ProviderBundle {
  readonly file: string;
  readonly content: Buffer;
  /** The package's version with the first digits of the content's SHA-256 behind it: other bytes, another version. */
  readonly version: string;
  /** The hash of a package with this one file in it, as in `.terraform.lock.hcl`. */
  readonly h1: string;
  /** The licences of the libraries in it, which ask to be handed on with every copy. */
  readonly licences: string;
}

/** Bundles the provider whose entry point is `entry`. Same sources, same bytes, wherever they lie. */
export async function bundleProvider(
  entry: string,
  { file, packageVersion }: { readonly file: string; readonly packageVersion: string },
): Promise<ProviderBundle> {
  const { content: program, modules } = await bundle(entry);
  const content = await startable(program.toString());
  const digest = sha256(content);
  return {
    file,
    content,
    version: `${packageVersion}-b${digest.slice(0, 12)}`,
    h1: packageHash(file, content),
    licences: bundledLicences(modules),
  };
}

/** What the module at `entry` exports, with everything in it that only a bundle can import. */
export async function importBundled<T>(entry: string): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-build-"));
  try {
    const file = join(directory, "module.cjs");
    writeFileSync(file, (await bundle(entry)).content);
    return require(file) as T;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const START = resolve(__dirname, "../lib/provider/code-cache/start.ts");

/** An executable file that begins with what looks for compiled code, and has the program in it. */
async function startable(program: string): Promise<Buffer> {
  const source = `(function (exports, require, module, __filename, __dirname) {${program}\n})`;
  const { content: start } = await bundle(START);
  return Buffer.from(
    withEmbedded(`#!/usr/bin/env node\n${start.toString()}`, { source, digest: sha256(source) }),
  );
}

function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The bundle, and the files that went into it. */
async function bundle(entry: string): Promise<{ content: Buffer; modules: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    ...BUNDLE,
    // Half the size, and so less to compile at each start; without it the bundle would also hold the paths of its
    // modules. Functions keep their names for stack traces, and for libraries that depend on them.
    minify: true,
    keepNames: true,
    legalComments: "none",
    plugins: [parsedDefinitions, withoutUnusedServices],
  });
  return {
    content: Buffer.from((outputFiles[0] as { contents: Uint8Array }).contents),
    modules: Object.keys(metafile.inputs).map((path) => resolve(dirname(entry), path)),
  };
}

/** Puts the parsed interface definitions in place of the module that parses them. */
const parsedDefinitions: Plugin = {
  name: "parsed-definitions",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]wire[\\/]definitions\.ts$/ }, ({ path }) => {
      const definitions = JSON.stringify(parseDefinitions(dirname(path)));
      return { contents: `export const definitions = ${definitions};`, loader: "js" };
    });
  },
};

/** Leaves out the parser that the gRPC library brings for services which no provider has. */
const withoutUnusedServices: Plugin = {
  name: "without-unused-services",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace: "unused" }));
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

export function packageVersion(root: string): string {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
}
