import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CodeCache } from "../../../lib/provider/code-cache/code-cache";
import { OTHER_UID } from "../../support/machine";
import { describeIf, root } from "../../support/requirements";

const DIGEST = "a".repeat(64);
const CODE = Buffer.from("compiled");

let place: string;
let home: string;
beforeEach(() => {
  // Not below a shared temporary directory.
  place = mkdtempSync(join(homedir(), ".mail-sni-test-"));
  home = join(place, "cache");
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const cache = (more: NodeJS.ProcessEnv = {}, digest = DIGEST) =>
  CodeCache.of(digest, { XDG_CACHE_HOME: home, ...more });
const directory = () => join(home, "mail-sni");
const files = () => readdirSync(directory());
const onlyFile = () => join(directory(), String(files()[0]));

describe("CodeCache", () => {
  it("GIVEN nothing is there THEN it reads what it has written, from a directory and a file of this user alone", () => {
    expect(cache()?.read()).toBeUndefined();
    cache()?.write(CODE);
    expect(cache()?.read()).toEqual(CODE);
    expect(lstatSync(directory()).mode & 0o777).toBe(0o700);
    expect(lstatSync(onlyFile()).mode & 0o777).toBe(0o600);
    expect(files()).toHaveLength(1);
  });

  it("GIVEN another program THEN it does not read the code of the first", () => {
    cache()?.write(CODE);
    expect(cache({}, "b".repeat(64))?.read()).toBeUndefined();
  });

  it.each<[string, (path: string) => void]>([
    ["a byte that has changed", (path) => writeFileSync(path, readFileSync(path).fill(0, 39, 40))],
    ["an end that is missing", (path) => writeFileSync(path, readFileSync(path).subarray(0, -1))],
    ["nothing in it", (path) => writeFileSync(path, "")],
    ["permissions for others", (path) => chmodSync(path, 0o604)],
    [
      "a link in its place",
      (path) => {
        renameSync(path, join(place, "elsewhere"));
        symlinkSync(join(place, "elsewhere"), path);
      },
    ],
    [
      "a directory in its place",
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])("GIVEN a file with %s THEN it is not read", (_, spoil) => {
    cache()?.write(CODE);
    spoil(onlyFile());
    expect(cache()?.read()).toBeUndefined();
  });

  it.each<[string, () => void]>([
    ["is open to others", () => chmodSync(directory(), 0o755)],
    [
      "is a link",
      () => {
        renameSync(directory(), join(place, "elsewhere"));
        symlinkSync(join(place, "elsewhere"), directory());
      },
    ],
    ["is in one that others can write to", () => chmodSync(home, 0o777)],
    ["is below one that others can write to, its sticky bit set", () => chmodSync(place, 0o1777)],
    [
      "is a file",
      () => {
        rmSync(directory(), { recursive: true });
        writeFileSync(directory(), "");
      },
    ],
  ])("GIVEN the directory %s THEN there is no cache", (_, spoil) => {
    cache()?.write(CODE);
    spoil();
    expect(cache()).toBeNull();
  });

  it("GIVEN a shared temporary directory THEN there is no cache", () => {
    const shared = mkdtempSync(join(tmpdir(), "mail-sni-cache-"));
    try {
      expect(CodeCache.of(DIGEST, { XDG_CACHE_HOME: shared })).toBeNull();
    } finally {
      rmSync(shared, { recursive: true });
    }
  });

  it("GIVEN NODE_DISABLE_COMPILE_CACHE THEN there is none, and no directory is made", () => {
    expect(cache({ NODE_DISABLE_COMPILE_CACHE: "1" })).toBeNull();
    expect(existsSync(home)).toBe(false);
  });

  it("GIVEN a relative XDG_CACHE_HOME THEN that of the user's home is used (XDG Base Directory Specification)", () => {
    const own = process.env.HOME;
    process.env.HOME = place;
    try {
      CodeCache.of(DIGEST, { XDG_CACHE_HOME: "relative" })?.write(CODE);
      expect(readdirSync(join(place, ".cache/mail-sni"))).toHaveLength(1);
    } finally {
      process.env.HOME = own;
    }
  });

  it("GIVEN many versions THEN the last four stay", () => {
    for (let version = 0; version < 7; version++) cache({}, `${version}`.repeat(64))?.write(CODE);
    expect(files()).toHaveLength(4);
    expect(cache({}, "6".repeat(64))?.read()).toEqual(CODE);
  });

  it("GIVEN a directory that goes while it is written THEN nothing happens", () => {
    const opened = cache();
    rmSync(home, { recursive: true });
    expect(() => opened?.write(CODE)).not.toThrow();
    expect(opened?.read()).toBeUndefined();
  });
});

describeIf(root, "CodeCache, where another user has been before", () => {
  it.each<[string, () => void]>([
    ["the directory", () => chownSync(directory(), OTHER_UID, OTHER_UID)],
    ["the directory above it", () => chownSync(home, OTHER_UID, OTHER_UID)],
  ])("GIVEN %s is theirs THEN there is no cache", (_, plant) => {
    cache()?.write(CODE);
    plant();
    expect(cache()).toBeNull();
  });

  it("GIVEN the file is theirs THEN it is not read", () => {
    cache()?.write(CODE);
    chownSync(onlyFile(), OTHER_UID, OTHER_UID);
    expect(cache()?.read()).toBeUndefined();
  });

  it.each<[string, () => void]>([
    ["nothing is made in it", () => {}],
    [
      "nothing is made where they have put a link to",
      () => {
        mkdirSync(join(place, "elsewhere"), { mode: 0o755 });
        symlinkSync(join(place, "elsewhere"), home);
        chownSync(join(place, "elsewhere"), OTHER_UID, OTHER_UID);
      },
    ],
  ])("GIVEN the home directory is theirs THEN %s", (_, plant) => {
    plant();
    chownSync(place, OTHER_UID, OTHER_UID);
    const before = readdirSync(place, { recursive: true });
    expect(cache()).toBeNull();
    expect(readdirSync(place, { recursive: true })).toEqual(before);
  });
});
