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
/** A system has some hundred roots. */
const MOST_ROOTS = 10_000;

/**
 * The roots that this system trusts; those of Node.js (Mozilla's) if the system has none.
 *
 * @param files where to look for them: the first that exists counts
 * @throws CliError `CLI_CA_UNREADABLE`
 */
export function systemRoots(files: readonly string[] = SYSTEM_FILES): X509Certificate[] {
  const path = files.find((file) => existsSync(file));
  const pems = path === undefined ? rootCertificates : systemBlocks(path);
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
    return blocksIn(path).map((pem) => new X509Certificate(pem));
  } catch (error) {
    throw unreadable(path, error as Error, "Give a PEM file with the root certificate of your CA.");
  }
}

function systemBlocks(path: string): string[] {
  try {
    return blocksIn(path);
  } catch (error) {
    const remedy = "Repair the file, or give your CA alone: --no-system-roots --ca FILE.";
    throw unreadable(path, error as Error, remedy);
  }
}

function blocksIn(path: string): string[] {
  const { blocks } = parsePem(boundedText(path, MOST_BYTES), MOST_ROOTS);
  const pems = blocks.flatMap(({ label, text }) => (label === "CERTIFICATE" ? [text] : []));
  // Without any, every certificate would be reported as not trusted.
  if (pems.length === 0) throw new Error("there is no certificate in it");
  return pems;
}

function unreadable(path: string, { message }: Error, remedy: string): CliError {
  return new CliError(
    "CLI_CA_UNREADABLE",
    `The CA certificates cannot be read from ${path}: ${message}.`,
    remedy,
  );
}
