import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ancestors, pathProblem, previousPath, stagedPath } from "../../../lib/shared/transport/paths";

const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 300 })
  .filter((text) => pathProblem(`/${text}`) === undefined);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join("/")}`);

describe("temporary names", () => {
  it("GIVEN any path THEN they are hidden names beside it, no `.conf`, short enough for a file system", () => {
    fc.assert(
      fc.property(path, (target) => {
        for (const temporary of [stagedPath(target), previousPath(target)]) {
          expect(posix.dirname(temporary)).toBe(posix.dirname(target));
          expect(posix.basename(temporary)).toMatch(/^\..*\.mail-sni-(new|old)$/s);
          expect(Buffer.byteLength(posix.basename(temporary))).toBeLessThanOrEqual(255);
        }
      }),
    );
  });

  it("GIVEN two long names that begin alike THEN their temporary names differ", () => {
    const long = `/d/${"a".repeat(254)}`;
    expect(stagedPath(`${long}x`)).not.toBe(stagedPath(`${long}y`));
    expect(stagedPath(`${long}x`)).not.toBe(previousPath(`${long}x`));
  });
});

describe("ancestors", () => {
  it("THEN they come from the top, without the root and the path itself", () => {
    expect(ancestors("/var/qmail/control/servercert.pem")).toEqual([
      "/var",
      "/var/qmail",
      "/var/qmail/control",
    ]);
    expect(ancestors("/file")).toEqual([]);
  });

  it("GIVEN what is no absolute path THEN there are none, and the search for them ends", () => {
    for (const text of ["relative", "a/b", ".", "..", ""]) expect(ancestors(text)).toEqual([]);
  });
});

describe("pathProblem", () => {
  it.each(["/a", "/a b/-rf", "/it's/$(id)", "/ä/…", "/a/..b/.c", `/${"x".repeat(255)}`, "/a\\b"])(
    "takes %j",
    (good) => expect(pathProblem(good)).toBeUndefined(),
  );

  it.each([
    ["a/b", "not absolute"],
    ["", "not absolute"],
    ["/a/../b", "simplest form"],
    ["/..", "simplest form"],
    ["/a//b", "simplest form"],
    ["/a/./b", "simplest form"],
    ["/a/", "ends in a slash"],
    ["/a\nb", "control character"],
    ["/a\x1eb", "control character"],
    ["/a\tb", "control character"],
    ["/a\0b", "control character"],
    [`/${"x".repeat(256)}`, "longer than 255 bytes"],
    [`/${"ä".repeat(128)}`, "longer than 255 bytes"],
    [`${"/x".repeat(2001)}`, "longer than 4,000 bytes"],
  ])("refuses %j", (bad, reason) => expect(pathProblem(bad)).toContain(reason));

  it("GIVEN any text THEN what is taken stays below the root when joined to it", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `/${text}`),
        ),
        (text) => {
          if (pathProblem(text) === undefined) expect(posix.join("/root", text)).toBe(`/root${text}`);
        },
      ),
    );
  });
});
