import { X509Certificate } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What is below a directory, a line a file: its mode, its path, and what it is. */
export function listHost(directory: string): string {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  return paths
    .filter((path) => !lstatSync(join(directory, path)).isDirectory())
    .map((path) => `  ${describe(join(directory, path), path)}\n`)
    .join("");
}

function describe(file: string, path: string): string {
  const stat = lstatSync(file);
  if (stat.isSymbolicLink()) return `link  ${path} -> ${readlinkSync(file)}`;
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, "0");
  return `${mode}  ${path}${path.endsWith(".pem") ? `  (${describePem(readFileSync(file, "utf8"))})` : ""}`;
}

/** Of a PEM with a key, a leaf and a chain, what tells it from others. */
function describePem(pem: string): string {
  const leaf = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
  const names = leaf.subjectAltName?.replaceAll("DNS:", "") ?? "no names";
  return `${names}; until ${new Date(leaf.validTo).toISOString().slice(0, 10)}`;
}
