import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";

/** What qmail-smtpd does about certificates: `facts/qmail.md`, "The rule", point by point. */
export class ServerCertificates {
  /** @param directory QMAILDIR */
  constructor(private readonly directory: string) {}

  /** Rule 1: without the file STARTTLS is not offered. It may be one that cannot be loaded. */
  get offered(): boolean {
    return exists(this.#path("control/servercert.pem"));
  }

  /** Rule 1. @throws Error where the default certificate cannot be loaded, whatever name is asked for */
  loadDefault(): SecureContext {
    return load(this.#path("control/servercert.pem"));
  }

  /** Rules 2 to 5: what a client that sends `serverName` is given. */
  choose(serverName: Buffer | null): "default" | "refused" | SecureContext {
    if (serverName === null || serverName.length === 0 || serverName.includes("/")) return "default";
    const path = this.#path("control/servercerts/", serverName, "/servercert.pem");
    if (!exists(path)) return "default";
    try {
      return load(path);
    } catch {
      return "refused";
    }
  }

  /** Joined byte by byte: nothing is folded, stripped, normalized or decoded. */
  #path(...parts: readonly (string | Buffer)[]): Buffer {
    const bytes = [this.directory, "/", ...parts].map((part) =>
      typeof part === "string" ? Buffer.from(part) : part,
    );
    return Buffer.concat(bytes);
  }
}

/** Whether `stat()` succeeds, which also needs every directory on the way to be searchable, and no loose link. */
function exists(path: Buffer): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Key, leaf and chain out of one file, as `SSL_CTX_use_certificate_chain_file` and `SSL_CTX_use_PrivateKey_file` take
 * them: the certificates first, so that a key of the same type is compared with the leaf, and one of another is not.
 * Node's contexts call the same functions of OpenSSL in the same order, and are told the security level that Debian's
 * OpenSSL has by default.
 */
function load(path: Buffer): SecureContext {
  const pem = readFileSync(path);
  return createSecureContext({ cert: pem, key: pem, ciphers: "DEFAULT@SECLEVEL=2" });
}
