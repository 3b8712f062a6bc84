import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isClosedToOthers } from "../../lib/shared/closed-directory";

describe("isClosedToOthers", () => {
  let top: string;
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "mail-sni-closed-"));
    mkdirSync(join(top, "a/b"), { recursive: true });
  });
  afterEach(() => rmSync(top, { recursive: true }));

  it("GIVEN that others cannot enter a directory above THEN it is closed, one that is not there yet too", () => {
    chmodSync(top, 0o700);
    expect(isClosedToOthers(join(top, "a/b"))).toBe(true);
    expect(isClosedToOthers(join(top, "a/c/d"))).toBe(true);
  });

  it("GIVEN that others can enter each of them THEN it is open", () => {
    for (const directory of [top, join(top, "a"), join(top, "a/b")]) chmodSync(directory, 0o755);
    expect(isClosedToOthers(join(top, "a/b"))).toBe(false);
    expect(isClosedToOthers(join(top, "a/c"))).toBe(false);
  });

  it("GIVEN that others can list it and not enter it THEN it is closed", () => {
    for (const directory of [top, join(top, "a")]) chmodSync(directory, 0o755);
    chmodSync(join(top, "a/b"), 0o754);
    expect(isClosedToOthers(join(top, "a/b"))).toBe(true);
  });
});
