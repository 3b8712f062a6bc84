import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { codeCacheDirectory } from "./cache-directory";

const PREFIX = "provider-";
const SUFFIX = ".code";
const OTHERS = 0o077;
const MOST_BYTES = 32 * 1024 * 1024;
const DIGEST_BYTES = 32;
/** Of other versions of the package and of Node.js: those that were written last stay. */
const MOST_FILES = 4;

/** The code that V8 has compiled of one program, in a file that this user alone can read and write. */
export class CodeCache {
  /** That of a program; null where this user has no directory that is safe for it. */
  static of(digest: string, environment: NodeJS.ProcessEnv): CodeCache | null {
    const directory = codeCacheDirectory(environment);
    if (directory === null) return null;
    const { version, arch } = process;
    return new CodeCache(directory, `${PREFIX}${digest.slice(0, 16)}-${version}-${arch}${SUFFIX}`);
  }

  private constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {}

  /** Undefined unless it was written whole, by this user. V8 does not notice bytes that have changed, and would execute them. */
  read(): Buffer | undefined {
    try {
      const file = openSync(join(this.directory, this.name), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        return ownContents(file);
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }

  /** Does nothing where that fails: the next start compiles, too. */
  write(code: Buffer): void {
    const unfinished = join(this.directory, `${PREFIX}${randomUUID()}.new`);
    try {
      writeFileSync(unfinished, Buffer.concat([digestOf(code), code]), { mode: 0o600, flag: "wx" });
      renameSync(unfinished, join(this.directory, this.name));
      this.#removeOld();
    } catch {
      rmSync(unfinished, { force: true });
    }
  }

  #removeOld(): void {
    const byAge = readdirSync(this.directory)
      .filter((name) => name.startsWith(PREFIX) && name !== this.name)
      .map((name) => join(this.directory, name))
      .map((path) => ({ path, writtenAt: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((one, other) => other.writtenAt - one.writtenAt);
    for (const { path } of byAge.slice(MOST_FILES - 1)) rmSync(path, { force: true });
  }
}

function ownContents(file: number): Buffer | undefined {
  const { uid, mode, size } = fstatSync(file);
  if (uid !== process.geteuid?.() || (mode & OTHERS) !== 0 || size > MOST_BYTES) return undefined;
  const bytes = readFileSync(file);
  const code = bytes.subarray(DIGEST_BYTES);
  return digestOf(code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : undefined;
}

function digestOf(code: Buffer): Buffer {
  return createHash("sha256").update(code).digest();
}
