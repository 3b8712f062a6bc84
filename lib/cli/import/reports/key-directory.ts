import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { orUnwritable, type Unwritable } from "../../errors/unwritable";

const OTHERS = 0o077;

const UNWRITABLE: Unwritable = {
  what: "The keys",
  remedy: "Give --with-keys a directory that does not exist, in one that you can write to.",
};

/** A directory for private keys that no other user of this machine can enter. */
export class KeyDirectory {
  private constructor(readonly path: string) {}

  /**
   * Creates it, or takes one that is empty and closed to others.
   *
   * @throws CliError `CLI_FILE_UNWRITABLE`
   */
  static at(path: string): KeyDirectory {
    return orUnwritable(UNWRITABLE, () => {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path, { mode: 0o700 });
      const { mode, uid } = lstatSync(path);
      if (!lstatSync(path).isDirectory()) throw new Error(`${path} is no directory`);
      if (uid !== process.getuid?.()) throw new Error(`${path} belongs to another user`);
      if ((mode & OTHERS) !== 0) throw new Error(`other users can enter ${path}`);
      if (readdirSync(path).length > 0) throw new Error(`${path} is not empty`);
      return new KeyDirectory(path);
    });
  }

  /** Writes the key of an account. @throws CliError `CLI_FILE_UNWRITABLE` */
  saveAccount(name: string, key: string): void {
    orUnwritable(UNWRITABLE, () => writeFileSync(join(this.path, name), key, { flag: "wx", mode: 0o600 }));
  }

  /**
   * Writes `DOMAIN/fullchain.pem` and `DOMAIN/privkey.pem`.
   *
   * @param domain a host name
   * @throws CliError `CLI_FILE_UNWRITABLE`
   */
  save(domain: string, certificates: string, key: string): void {
    orUnwritable(UNWRITABLE, () => {
      const directory = join(this.path, domain);
      mkdirSync(directory, { mode: 0o700 });
      writeFileSync(join(directory, "fullchain.pem"), certificates, { flag: "wx", mode: 0o600 });
      writeFileSync(join(directory, "privkey.pem"), key, { flag: "wx", mode: 0o600 });
    });
  }
}
