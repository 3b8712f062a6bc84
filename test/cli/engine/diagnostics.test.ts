import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DiagnosticsReader, type EngineDiagnostics } from "../../../lib/cli/engine/diagnostics";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";

const line = (document: object) => `${JSON.stringify(document)}\n`;
const warning = (more: object = {}) =>
  line({
    "@level": "warn",
    diagnostic: { severity: "warning", summary: "Host unreachable", detail: "mx1 does not answer", ...more },
    type: "diagnostic",
  });

function read(text: string, pieceBytes = 1 << 20): EngineDiagnostics {
  const reader = new DiagnosticsReader();
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += pieceBytes)
    reader.write(bytes.subarray(from, from + pieceBytes));
  return reader.end();
}

describe("DiagnosticsReader", () => {
  it("GIVEN lines of an engine THEN diagnostics are read, without quotations of the configuration", () => {
    const snippet = { code: 'key = "MARKER"', values: [{ traversal: "var.key", statement: 'is "MARKER"' }] };
    const text =
      line({ "@message": "OpenTofu 1.12.6", type: "version" }) +
      line({ type: "outputs", outputs: { key: { value: "MARKER" } } }) +
      warning({ address: "mailsni_host_files.base__mx1", snippet }) +
      warning({ severity: "error", detail: "" });
    expect(read(text)).toEqual({
      diagnostics: [
        {
          severity: "warning",
          summary: "Host unreachable",
          detail: "mx1 does not answer",
          address: "mailsni_host_files.base__mx1",
        },
        { severity: "error", summary: "Host unreachable", detail: "", address: null },
      ],
      omitted: 0,
    });
  });

  it("GIVEN any pieces, and text in place of JSON THEN the same is read", () => {
    const text = `Warning: noise\n{"type":"diagnostic"}\n${warning()}{"type":"diagnostic",\n\n${warning({ detail: "" }).trim()}`;
    const whole = read(text);
    expect(whole).toMatchObject({
      diagnostics: [{ severity: "warning" }, { severity: "warning" }],
      omitted: 2,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (bytes) => {
        expect(read(text, bytes)).toEqual(whole);
      }),
    );
  });

  it("GIVEN hostile words without end THEN what is kept is short, and plain on a terminal", () => {
    const words = HOSTILE_WORDS.repeat(500);
    const { diagnostics, omitted } = read(warning({ summary: words, detail: words, address: words }));
    expect([diagnostics.length, omitted]).toEqual([1, 0]);
    const texts = diagnostics.flatMap(({ summary, detail, address }) => [summary, detail, `${address}`]);
    expect(texts.every(isPlain)).toBe(true);
    expect(texts.join("").length).toBeLessThan(40_000);
  });

  it("GIVEN more than a thousand THEN the others are counted", () => {
    const warnings = Array.from({ length: 1200 }, (_, index) => warning({ detail: `mx${index}` }));
    const { diagnostics, omitted } = read(warnings.join(""));
    expect([diagnostics.length, omitted]).toEqual([1000, 200]);
  });

  it.each([1000, 1 << 16, 1 << 23])(
    "GIVEN lines that are too long, in pieces of %d bytes THEN those that are diagnostics are counted",
    (pieceBytes) => {
      const long = "x".repeat(2 << 20);
      const outputs = line({ outputs: { key: { value: long } }, type: "outputs" });
      const { diagnostics, omitted } = read(warning({ detail: long }) + outputs + warning(), pieceBytes);
      expect([diagnostics.length, omitted]).toEqual([1, 1]);
    },
  );

  it("GIVEN a thousand warnings, and an error after them THEN the error is read", () => {
    const warnings = Array.from({ length: 1200 }, (_, index) => warning({ detail: `mx${index}` }));
    const { diagnostics, omitted } = read(warnings.join("") + warning({ severity: "error" }));
    expect(diagnostics.filter(({ severity }) => severity === "error")).toHaveLength(1);
    expect([diagnostics.length, omitted]).toEqual([1001, 200]);
  });

  it("GIVEN an interrupted engine, which repeats what it says of resources THEN each is read once", () => {
    const halted = line({
      diagnostic: { severity: "error", summary: "execution halted", detail: "" },
      type: "diagnostic",
    });
    const { diagnostics, omitted } = read(halted + warning() + halted.repeat(1200));
    expect(diagnostics.map(({ summary }) => summary)).toEqual(["execution halted", "Host unreachable"]);
    expect(omitted).toBe(0);
  });
});
