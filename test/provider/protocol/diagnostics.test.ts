import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Diagnostic, Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import type { Summary } from "../../../lib/shared/summary";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";

const LONE_SURROGATE = /\p{Cs}/u;

function said(summary: string, detail: string): readonly [Diagnostic, Diagnostic] {
  const diagnostics = new Diagnostics();
  diagnostics.error(summary as Summary, detail);
  diagnostics.warning(summary as Summary, detail);
  return diagnostics.all as unknown as [Diagnostic, Diagnostic];
}

describe("diagnostics", () => {
  it("GIVEN hostile text THEN control characters are shown as escapes", () => {
    for (const { summary, detail } of said(`${HOSTILE_WORDS}\nforged`, HOSTILE_WORDS)) {
      expect(isPlain(summary)).toBe(true);
      expect(summary).not.toContain("\n");
      expect(isPlain(detail)).toBe(true);
      expect(detail).toContain("\\u001b[2J");
      expect(detail).toContain("Apply complete!\\u0007 \\u202egpj.exe\\u202c");
      expect(detail).toContain("\\u000dover");
    }
  });

  it("GIVEN any text THEN it is plain; GIVEN a plain one THEN it is left as it is", () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...HOSTILE_WORDS), fc.string({ unit: "binary" })),
    });
    fc.assert(
      fc.property(text, (detail) => {
        const [{ detail: shown }] = said("", detail);
        expect(isPlain(shown)).toBe(true);
        if (isPlain(detail) && !LONE_SURROGATE.test(detail)) expect(shown).toBe(detail);
      }),
    );
  });

  it("GIVEN colours, and line ends of other systems THEN they are gone, and lines are kept", () => {
    const [{ detail }] = said("", "\u001b[1;31mFatal:\u001b[0m no\r\n\tfile „ü“ 漢 👩‍👩‍👧\n");
    expect(detail).toBe("Fatal: no\n\tfile „ü“ 漢 👩‍👩‍👧\n");
  });
});
