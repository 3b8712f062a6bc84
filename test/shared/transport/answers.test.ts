import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Answers, Flood } from "../../../lib/shared/transport/answers";

const BEGINNING = "\n\x1eready\n";
const SEPARATOR = new RegExp(`\n${"\x1e"}(\\d{0,3}$|\\d{1,3}\n)`);
/** What verbs print, and what looks like a separator and is none. */
const output = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom("\n", "\x1e", "\x1e0", "\n\x1e", "0\n", "\n\x1e0x\n"),
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""))
  .filter((text) => !SEPARATOR.test(text));
const answer = fc.record({ status: fc.integer({ min: 0, max: 255 }), output });

function all(answers: Answers) {
  const found = [];
  for (let next = answers.next(); next; next = answers.next()) found.push(next);
  return found;
}

describe("what a shell prints", () => {
  it("GIVEN answers in however many pieces they come THEN each is as it was given, and a login script's words are gone", () => {
    fc.assert(
      fc.property(output, fc.array(answer, { maxLength: 6 }), fc.array(fc.nat()), (before, given, cuts) => {
        const answers = new Answers();
        for (const _ of given) answers.expect();
        const text = `${before}${BEGINNING}${given.map((each) => `${each.output}\n\x1e${each.status}\n`).join("")}`;
        let from = 0;
        for (const cut of [...cuts.map((each) => each % (text.length + 1)), text.length].sort(
          (a, b) => a - b,
        )) {
          answers.read(text.slice(from, cut));
          from = Math.max(from, cut);
        }
        expect(answers.begun).toBe(true);
        expect(all(answers)).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it("GIVEN an answer of many pieces THEN the time for it grows as it does, not with its square", () => {
    const answers = new Answers();
    answers.expect();
    answers.read(BEGINNING);
    const piece = "x".repeat(64);
    for (let count = 0; count < 200_000; count++) answers.read(piece);
    answers.read("\n\x1e0\n");
    expect(all(answers)[0]?.output.length).toBe(200_000 * 64);
  });

  it("GIVEN an answer without a call THEN it is refused", () => {
    const answers = new Answers();
    answers.expect();
    answers.read(`${BEGINNING}one\n\x1e0\n`);
    expect(() => answers.read("two\n\x1e0\n")).toThrow(Flood);
  });
});
