import { createHash, type KeyObject } from "node:crypto";
import { madeOnce } from "../../shared/made-once";
import { KeyedMutex } from "../../shared/mutex";
import { AcmeAccount } from "./account";
import { Directory } from "./directory";
import type { AcmeTimeouts } from "./timeouts";

/** The CAs and accounts that a process uses: one object each. */
export class AcmeDirectories {
  readonly #directories = new Map<string, Directory>();
  readonly #accounts = new Map<string, AcmeAccount>();
  /** Serializes DNS hooks; the key is the command. */
  readonly hookMutex = new KeyedMutex();

  constructor(private readonly timeouts?: AcmeTimeouts) {}

  directory(url: string, caPem: string | null): Directory {
    return madeOnce(
      this.#directories,
      JSON.stringify([url, caPem]),
      () => new Directory(url, caPem, this.timeouts),
    );
  }

  account(directory: Directory, url: string, key: KeyObject): AcmeAccount {
    const digest = createHash("sha256")
      .update(key.export({ format: "der", type: "pkcs8" }))
      .digest("hex");
    const id = JSON.stringify([directory.url, url, digest]);
    return madeOnce(this.#accounts, id, () => new AcmeAccount(directory, url, key));
  }

  close(): void {
    for (const directory of this.#directories.values()) directory.close();
  }
}
