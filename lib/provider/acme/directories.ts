import { createHash, type KeyObject } from "node:crypto";
import { AcmeAccount } from "./account";
import { Directory } from "./directory";
import type { AcmePatience } from "./patience";
import { Turns } from "./turns";

/** The CAs and accounts that a process has to do with: each is opened once. */
export class AcmeDirectories {
  readonly #directories = new Map<string, Directory>();
  readonly #accounts = new Map<string, AcmeAccount>();
  /** Of DNS hooks, by their commands. */
  readonly hooks = new Turns();

  constructor(private readonly patience?: AcmePatience) {}

  directory(url: string, caPem: string | null): Directory {
    return once(
      this.#directories,
      JSON.stringify([url, caPem]),
      () => new Directory(url, caPem, this.patience),
    );
  }

  account(directory: Directory, url: string, key: KeyObject): AcmeAccount {
    const digest = createHash("sha256")
      .update(key.export({ format: "der", type: "pkcs8" }))
      .digest("hex");
    const id = JSON.stringify([directory.url, url, digest]);
    return once(this.#accounts, id, () => new AcmeAccount(directory, url, key));
  }

  close(): void {
    for (const directory of this.#directories.values()) directory.close();
  }
}

function once<T>(made: Map<string, T>, key: string, make: () => T): T {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}
