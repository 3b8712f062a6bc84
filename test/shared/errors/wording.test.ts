import { describe, expect, it } from "vitest";
import { quote } from "../../../lib/shared/errors/wording";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";

describe("quote", () => {
  it("GIVEN what a terminal would obey THEN it shows, and does nothing", () => {
    expect(isPlain(quote(HOSTILE_WORDS))).toBe(true);
    expect(quote("\u001b[2J \u202egpj.exe\u007f")).toBe('"\\u001b[2J \\u202egpj.exe\\u007f"');
  });
});
