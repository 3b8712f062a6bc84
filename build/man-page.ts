import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { CLI_BUILD } from "./cli-bundle";

/** Writes `man/mail-sni.1`. */
function main(): void {
  const root = resolve(__dirname, "..");
  const file = join(root, "man/mail-sni.1");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, manPageOf(join(root, "build/mail-sni-manual.ts")));
}

/** The command's sources have texts among them, which only a bundle can import. */
function manPageOf(entry: string): string {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-manual-"));
  try {
    const { outputFiles } = buildSync({ ...CLI_BUILD, entryPoints: [entry] });
    const bundle = join(directory, "manual.cjs");
    writeFileSync(bundle, (outputFiles[0] as { contents: Uint8Array }).contents);
    return (require(bundle) as { mailSniManPage(): string }).mailSniManPage();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

main();
