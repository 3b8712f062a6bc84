import { createHash } from "node:crypto";
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

/** As `openssl pkey -pubout` prints it. */
const PUBLIC_KEY = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)-----END PUBLIC KEY-----\n+$/;

/** It is compared with that of a certificate, so that it need not be parsed: OpenSSL takes long for what is no key. */
function spkiHash(pem: string): string | null {
  const base64 = PUBLIC_KEY.exec(pem)?.[1];
  return base64 === undefined
    ? null
    : createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex");
}
