import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleProvider } from "../../build/provider-bundle";
import type { VendoredProvider } from "./engine";
import { share, sharedDirectory, unsharedDirectory } from "./run-directory";

export const PROVIDER_ADDRESS = "mail-sni.invalid/mail-sni/mailsni";

const SHARED = "built-provider";
const FILE = "terraform-provider-mailsni.cjs";

/** The provider, bundled from the sources as they are now; once a run. */
export async function builtProvider(): Promise<VendoredProvider> {
  const directory = existsSync(sharedDirectory(SHARED)) ? sharedDirectory(SHARED) : await build();
  const version = readFileSync(join(directory, "version"), "utf8");
  return { address: PROVIDER_ADDRESS, version, file: join(directory, FILE) };
}

async function build(): Promise<string> {
  const entry = resolve(__dirname, "../../lib/provider/main.ts");
  const { content, version } = await bundleProvider(entry, { file: FILE, packageVersion: "0.0.0" });
  const directory = unsharedDirectory(SHARED);
  writeFileSync(join(directory, "version"), version);
  writeFileSync(join(directory, FILE), content);
  chmodSync(join(directory, FILE), 0o755);
  return share(directory, SHARED);
}
