import { createHash, createPublicKey } from "node:crypto";
import type { HostLook, Looked } from "./host-look";

/** SHA-256 of the SubjectPublicKeyInfo of the private key in each file, in lower-case hex; without files that have none. */
export function publicKeysIn(looked: Looked, host: HostLook): Map<string, string> {
  const found = new Map<string, string>();
  let [path, pem] = ["", ""];
  const finish = () => {
    const hash = pem === "" ? null : spkiHash(pem);
    if (hash !== null) found.set(host.without(path), hash);
    pem = "";
  };
  for (const line of looked ?? []) {
    if (line.startsWith("F\t")) {
      finish();
      path = line.slice(2);
    } else if (line !== "" && !line.startsWith("U\t")) pem += `${line}\n`;
  }
  finish();
  return found;
}

function spkiHash(pem: string): string | null {
  try {
    const der = createPublicKey(pem).export({ type: "spki", format: "der" });
    return createHash("sha256").update(der).digest("hex");
  } catch {
    return null;
  }
}
