import { createHash } from "node:crypto";

/** Base64 of this length that depends on `seed` alone: as little compressible as a certificate. */
export function repeatable(seed: string, length: number): string {
  let text = "";
  for (let block = 0; text.length < length; block++) {
    text += createHash("sha512").update(`${seed} ${block}`).digest("base64").replaceAll("=", "");
  }
  return text.slice(0, length);
}
