import { pemBlock } from "../../../shared/pem-block";
import type { HostLook, Looked } from "./host-look";

/** A private key in a PEM, as far as it leaves the host. */
export interface KeyBlock {
  readonly isEncrypted: boolean;
}

/** What is in a PEM file: its certificates, and what is said of its other blocks. */
export interface PemFile {
  /** The certificates in their order, each a PEM block. */
  readonly certificates: readonly string[];
  readonly keys: readonly KeyBlock[];
  /** The number of blocks that no server can read. */
  readonly broken: number;
}

/** Far above what a PEM has: larger files are not read. */
export const MOST_PEM_BYTES = 256 * 1024;

/** Reads what `pems` of the script has printed, by path. Empty files are not in it. */
export function pemsIn(looked: Looked, host: HostLook): Map<string, PemFile> {
  const files = new Map<string, PemFile>();
  let known = new Map<string, string>();
  let [certificates, keys, broken, bytes] = [[] as string[], [] as KeyBlock[], 0, 0];
  let path: string | undefined;
  const finish = () => {
    if (path !== undefined) files.set(path, { certificates, keys, broken });
    [certificates, keys, broken, bytes] = [[], [], 0, 0];
  };
  for (const line of looked ?? []) {
    const [tag, first = "", second] = line.split("\t");
    if (tag === "A") known = new Map();
    else if (tag === "F") {
      finish();
      path = host.without(line.slice(2));
    } else if (tag === "K") keys.push({ isEncrypted: second === "encrypted" });
    else if (tag === "B") broken++;
    else if (tag === "C") {
      if (second !== undefined) known.set(first, certificateBlock(second));
      const certificate = known.get(first);
      if (certificate === undefined) continue;
      bytes += certificate.length;
      // A line of four bytes stands for it: no file has so many.
      if (bytes > MOST_PEM_BYTES) broken++;
      else certificates.push(certificate);
    }
  }
  finish();
  return files;
}

function certificateBlock(base64: string): string {
  return pemBlock("CERTIFICATE", base64.replace(/[^A-Za-z0-9+/=]/g, ""));
}
