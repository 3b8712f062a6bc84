import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundleProvider } from "../../build/provider-bundle";
import type { VendoredProvider } from "./engine";

export const PROVIDER_ADDRESS = "mail-sni.invalid/mail-sni/mailsni";

let built: Promise<VendoredProvider> | undefined;

/** The provider, bundled from the sources as they are now; once a process. */
export function builtProvider(): Promise<VendoredProvider> {
  built ??= build();
  return built;
}

async function build(): Promise<VendoredProvider> {
  const name = "terraform-provider-mailsni.cjs";
  const entry = resolve(__dirname, "../../lib/provider/main.ts");
  const { content, version } = await bundleProvider(entry, { file: name, packageVersion: "0.0.0" });
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-provider-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, name);
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return { address: PROVIDER_ADDRESS, version, file };
}
