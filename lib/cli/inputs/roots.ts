import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { parsePem } from "../../shared/pem";
import { CliError } from "../errors/cli-error";
import { boundedText } from "./text-file";

/** The bundles of trusted roots on Debian, Red Hat, SUSE, Alpine and the BSDs. */
const SYSTEM_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const MOST_BYTES = 16 * 1024 * 1024;

/** The roots that this system trusts; those of Node.js (Mozilla's) if the system has none. */
export function systemRoots(): X509Certificate[] {
  const path = SYSTEM_FILES.find((file) => existsSync(file));
  const pems = path === undefined ? rootCertificates : blocksIn(boundedText(path, MOST_BYTES));
  return pems.flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      // Skips roots that OpenSSL cannot read: clients cannot use them either.
      return [];
    }
  });
}

/**
 * The certificates of a PEM file.
 *
 * @throws CliError `CLI_CA_UNREADABLE`
 */
export function rootsIn(path: string): X509Certificate[] {
  try {
    const pems = blocksIn(boundedText(path, MOST_BYTES));
    if (pems.length === 0) throw new Error("there is no certificate in it");
    return pems.map((pem) => new X509Certificate(pem));
  } catch (error) {
    throw new CliError(
      "CLI_CA_UNREADABLE",
      `The CA certificates cannot be read from ${path}: ${(error as Error).message}.`,
      "Give a PEM file with the root certificate of your CA.",
    );
  }
}

function blocksIn(text: string): string[] {
  return parsePem(text).blocks.flatMap(({ label, text: pem }) => (label === "CERTIFICATE" ? [pem] : []));
}
