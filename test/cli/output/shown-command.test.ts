import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { shownWord } from "../../../lib/cli/output/shown-command";

describe("shownWord", () => {
  it.each(["terraform", "/usr/bin/tofu", "-servername", "mx1.domain1.tld:993", "::1"])(
    "GIVEN %s THEN it needs no quotation",
    (word) => {
      expect(shownWord(word)).toBe(word);
    },
  );

  it("GIVEN words that a shell would change THEN it reads them as they are", () => {
    const words = [
      "",
      "a b",
      "$(id)",
      "`id`",
      "it's",
      '"',
      "a;b",
      "~",
      "*",
      "[x]",
      "\\",
      "a\nb",
      "!!",
      "a&b",
    ];
    const command = ["printf", shownWord("%s\\0"), ...words.map(shownWord)].join(" ");
    const read = execFileSync("/bin/sh", ["-c", command], { encoding: "utf8" });
    expect(read.split("\0").slice(0, -1)).toEqual(words);
  });
});
