import { createHash } from "node:crypto";
import { join } from "node:path";

/**
 * The provider's address. Its host is below a top-level domain that cannot be registered (RFC 6761 §6.4), so
 * no other program can be published under it. Written in full, it means the same to Terraform and OpenTofu.
 */
export const PROVIDER_SOURCE = "mail-sni.invalid/mail-sni/mailsni";

/** The supported platforms, as engines name them. All run the same bundle. */
export const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

export type Platform = (typeof PLATFORMS)[number];

/** The directory below a stack's own in which engines look for all versions of the provider. */
export function providerVersions(stackDirectory: string): string {
  return join(stackDirectory, "terraform.d", "plugins", PROVIDER_SOURCE);
}

/** The directory of one version for one platform: a package that contains the executable file alone. */
export function providerPackage(stackDirectory: string, version: string, platform: Platform): string {
  return join(providerVersions(stackDirectory), version, platform);
}

/** The hash of a package that contains one file, as in `.terraform.lock.hcl`: `h1:…`. */
export function packageHash(file: string, content: Uint8Array): string {
  const digest = createHash("sha256").update(content).digest("hex");
  return `h1:${createHash("sha256").update(`${digest}  ${file}\n`).digest("base64")}`;
}
