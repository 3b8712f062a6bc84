import { isCertificate } from "../../shared/parsed-pems";
import type { AcmeDirectories } from "../acme/directories";
import type { Directory } from "../acme/directory";
import { ACME } from "../messages/acme";
import type { Diagnostics } from "../protocol/diagnostics";
import { attribute } from "../protocol/schema/schema";
import { isUnknown, type Plannable } from "../protocol/values/unknown";

/** Attributes of all resources that connect to a CA. */
export const directoryAttributes = {
  directory_url: attribute.string({
    description:
      "The URL of the CA's ACME directory. Let's Encrypt: " +
      "`https://acme-v02.api.letsencrypt.org/directory`; its staging environment, for trials: " +
      "`https://acme-staging-v02.api.letsencrypt.org/directory`.",
    required: true,
  }),
  directory_ca_pem: attribute.string({
    description:
      "CA certificates (PEM) that the ACME server's TLS certificate is verified against, for a private CA. " +
      "Default: the public CAs, and those in the file that the environment variable `NODE_EXTRA_CA_CERTS` " +
      "names.",
    optional: true,
  }),
};

interface DirectoryConfig {
  readonly directory_url: Plannable<string>;
  readonly directory_ca_pem: Plannable<string | null>;
}

export function validateDirectory(config: DirectoryConfig, diagnostics: Diagnostics): void {
  const { directory_url: url, directory_ca_pem: pem } = config;
  if (!isUnknown(url) && !isHttps(url)) {
    diagnostics.error(
      ACME.notDirectoryUrl,
      `${JSON.stringify(url)} does not begin with https://. ACME requires TLS.`,
      ["directory_url"],
    );
  }
  if (typeof pem === "string" && !isCertificate(pem)) {
    diagnostics.error(
      ACME.notCertificate,
      "directory_ca_pem contains no readable certificate. Write the PEM of the CA that issued the ACME server's TLS certificate.",
      ["directory_ca_pem"],
    );
  }
}

/** The CA of a configuration or a state. */
export function directoryOf(
  directories: AcmeDirectories,
  { directory_url, directory_ca_pem }: { directory_url: string; directory_ca_pem: string | null },
): Directory {
  return directories.directory(directory_url, directory_ca_pem);
}

/**
 * Whether two URLs are those of one directory. States that were moved from another provider know the CA's origin alone: a URL
 * without a path, which no directory has.
 */
export function isSameDirectory(known: string, wanted: string): boolean {
  if (known === wanted) return true;
  return originOf(known) === known && originOf(wanted) === known;
}

/** The origin of an HTTPS URL, with a slash; null for another URL. */
export function originOf(url: string): string | null {
  return isHttps(url) ? `${new URL(url).origin}/` : null;
}

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === "https:";
}
