import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fitsArchive, linkArchive, type NewName } from "../../../../lib/provider/host/apply/link-archive";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-archive-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((text) => !/[/\0]/.test(text) && text !== "." && text !== "..");
const target = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 120 })
  .filter((text) => !text.includes("\0"));

describe("an archive of links", () => {
  it("WHEN it is unpacked THEN each name that fits is the expected link", () => {
    const names = fc.uniqueArray(fc.record({ name, target: fc.option(target) }), {
      selector: (each) => each.name.normalize("NFC"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(names, (all) => {
        const below = mkdtempSync(join(directory, "run-"));
        mkdirSync(join(below, "in"));
        writeFileSync(join(below, "staged"), "contents");
        const wanted = all
          .map((each): NewName => ({ path: `in/${each.name}`, link: linkTo(each.target) }))
          .filter(fitsArchive);
        unpack(below, linkArchive(wanted));

        for (const { path, link } of wanted) {
          if (link.kind === "symbolic") expect(readlinkSync(join(below, path))).toBe(link.target);
          else expect(lstatSync(join(below, path)).ino).toBe(lstatSync(join(below, "staged")).ino);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("GIVEN a name that exists already WHEN it is unpacked THEN that file stays, and the other links are created", () => {
    writeFileSync(join(directory, "staged"), "contents");
    writeFileSync(join(directory, "taken"), "somebody's");
    const link = linkTo("elsewhere");
    expect(() =>
      unpack(
        directory,
        linkArchive([
          { path: "taken", link },
          { path: "free", link },
        ]),
      ),
    ).toThrow();

    expect(lstatSync(join(directory, "taken")).isFile()).toBe(true);
    expect(readlinkSync(join(directory, "free"))).toBe("elsewhere");
  });

  it.each([
    ["100 bytes", "a".repeat(100), true],
    ["101 bytes", "a".repeat(101), false],
    ["51 letters of two bytes each", "é".repeat(51), false],
  ])("GIVEN a name or target of %s THEN it fits: %s", (_, text, fits) => {
    expect(fitsArchive({ path: text, link: linkTo("x") })).toBe(fits);
    expect(fitsArchive({ path: "x", link: linkTo(text) })).toBe(fits);
  });
});

function linkTo(symbolic: string | null): NewName["link"] {
  return symbolic === null ? { kind: "hard", of: "staged" } : { kind: "symbolic", target: symbolic };
}

function unpack(below: string, archive: Buffer): void {
  execFileSync("tar", ["-xkPomf", "-", "-C", below], { input: archive, stdio: ["pipe", "ignore", "ignore"] });
}
