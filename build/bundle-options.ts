import type { BuildOptions } from "esbuild";

/** How esbuild bundles the provider and the command: for Node.js, and with the result in memory. */
export const BUNDLE = {
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  logLevel: "warning",
  // Programs that run on hosts.
  loader: { ".sh": "text", ".awk": "text" },
} as const satisfies BuildOptions;
