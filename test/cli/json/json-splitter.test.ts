import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonBytesError } from "../../../lib/cli/json/json-bytes-error";
import { JsonSplitter, type Selection } from "../../../lib/cli/json/json-splitter";
import type { JsonValue } from "../../../lib/cli/json/json-value";

/** Decodes everything: what the reader of plans never does. */
function decoded(value: JsonValue): unknown {
  if (value.isNull) return null;
  for (const [kind, read] of KINDS) {
    try {
      return read(value);
    } catch (error) {
      if (!(error instanceof JsonBytesError)) throw new Error(kind);
    }
  }
  return "a number";
}

const KINDS: readonly (readonly [string, (value: JsonValue) => unknown])[] = [
  ["text", (value) => value.text(10_000)],
  ["boolean", (value) => value.boolean()],
  ["list", (value) => value.list(1000).map(decoded)],
  ["object", (value) => new Map([...value.object(1000)].map(([name, member]) => [name, decoded(member)]))],
];

/** The same of a parsed document. */
function expected(value: unknown): unknown {
  if (typeof value === "number") return "a number";
  if (Array.isArray(value)) return value.map(expected);
  if (value === null || typeof value !== "object") return value;
  return new Map(Object.entries(value).map(([name, member]) => [name, expected(member)]));
}

function split(text: string, selection: Selection, pieceBytes = 1000): void {
  const splitter = new JsonSplitter(selection);
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += pieceBytes)
    splitter.write(bytes.subarray(from, from + pieceBytes));
  splitter.end();
}

const limits = { mostBytes: 1_000_000, most: 10_000 };

describe("JsonSplitter", () => {
  it("GIVEN any JSON in any pieces THEN what is selected is what JSON.parse makes of it", () => {
    const documents = fc.record({ skipped: fc.jsonValue(), each: fc.jsonValue(), whole: fc.jsonValue() });
    fc.assert(
      fc.property(documents, fc.nat(4), fc.integer({ min: 1, max: 40 }), (document, indent, pieceBytes) => {
        const taken: unknown[] = [];
        let whole: unknown;
        const { each } = document;
        const isMany = each === null || typeof each === "object";
        split(
          JSON.stringify(document, null, indent),
          {
            ...(isMany && {
              each: { kind: "each", ...limits, take: (value, name) => taken.push([name, decoded(value)]) },
            }),
            whole: {
              kind: "whole",
              ...limits,
              take: (value) => {
                whole = decoded(value);
              },
            },
          },
          pieceBytes,
        );
        expect(whole).toEqual(expected(document.whole));
        const named = Array.isArray(each)
          ? each.map((value) => ["", expected(value)])
          : Object.entries(isMany && each !== null ? each : {}).map(([name, value]) => [
              name,
              expected(value),
            ]);
        expect(taken).toEqual(named);
      }),
      { numRuns: 500 },
    );
  });

  it("GIVEN a path THEN members of members are selected, and others of the same name are not", () => {
    const found: unknown[] = [];
    const take = (value: JsonValue) => found.push(decoded(value));
    const document = { b: ["no"], a: { b: ["yes"], c: { b: ["no"] } } };
    const members: Selection = { b: { kind: "each", ...limits, take } };
    split(JSON.stringify(document), { a: { kind: "within", members } });
    expect(found).toEqual(["yes"]);
    split('{"a":null}', { a: { kind: "within", members } });
    expect(found).toEqual(["yes"]);
  });

  it.each([
    ["a value that is too long", `{"a":["${"x".repeat(100)}"]}`, "is in a value of more than 50 bytes"],
    ["too many values", '{"a":[1,2,3,4]}', "is one of more than 3"],
    ["a value that is no list", '{"a":"secret"}', ""],
    ["a bracket that closes another one", '{"x":[{]}', "is a bracket that closes nothing"],
    ["a bracket too much", '{"x":1}}', "comes after the end"],
    ["nesting that is too deep", `{"x":${"[".repeat(300)}`, "is nested more than 256 deep"],
    ["a member without a colon", '{"x" 1}', "is not a colon"],
    ["a member without a name", "{1:1}", "is not the name of a member"],
    ["a member without a value", '{"x":}', "is a bracket that closes nothing"],
    ["a word that is none", '{"x":secret}', "is not a value"],
    ["no comma", '{"x":1 "y":2}', "is neither a comma nor a closing bracket"],
    ["no end", '{"x":"secret', "ends in a value"],
  ])("GIVEN %s THEN that is said, with the position and without the bytes", (_, text, problem) => {
    const selection: Selection = { a: { kind: "each", mostBytes: 50, most: 3, take: () => {} } };
    let error: unknown;
    try {
      split(text, selection, 3);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(JsonBytesError);
    expect((error as JsonBytesError).message).toContain(problem);
    expect((error as JsonBytesError).message).not.toContain("secret");
    expect((error as JsonBytesError).offset).toBeLessThanOrEqual(text.length);
  });

  it("GIVEN an error THEN its position is that of the byte, whatever the pieces are", () => {
    const text = `{"skipped":[1,2,3],"a":[{"x":1},{"y":"z",oops}]}`;
    const at = text.indexOf("oops");
    for (const pieceBytes of [1, 7, 1000]) {
      const take = (value: JsonValue) => value.object(10);
      try {
        split(text, { a: { kind: "each", ...limits, take } }, pieceBytes);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ offset: at });
      }
    }
  });
});
