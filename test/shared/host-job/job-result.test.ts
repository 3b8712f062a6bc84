import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JobResultUnreadable, type JobRow, parseJobResult } from "../../../lib/shared/host-job/job-result";

const LEAF = "0a".repeat(32);
const END = "end\t0\t2026-11-29T15:26:00Z\n";
const written = (...lines: string[]) =>
  `mail-sni-job-result\t1\n${lines.map((line) => `${line}\n`).join("")}`;

const name = fc.stringMatching(/^[a-z0-9.*_-]{1,60}$/);
const row: fc.Arbitrary<JobRow> = fc.record({
  name,
  status: fc.constantFrom("ok", "failed", "pending"),
  notAfter: fc.constantFrom(null, "2027-01-31T12:00:00Z"),
  fingerprint: fc.constantFrom(null, LEAF),
  message: fc.stringMatching(/^[ -~äß]{0,80}$/),
});

describe("parseJobResult", () => {
  it("GIVEN any rows THEN they are read as they were written", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: ({ name }) => name, maxLength: 20 }),
        fc.integer({ min: 0, max: 255 }),
        (rows, exitStatus) => {
          const lines = rows.map(({ name, status, notAfter, fingerprint, message }) =>
            ["row", name, status, notAfter ?? "-", fingerprint ?? "-", message].join("\t"),
          );
          const text = written(...lines) + END.replace("0", String(exitStatus));
          expect(parseJobResult(text)).toEqual({ rows, exitStatus, finishedAt: "2026-11-29T15:26:00Z" });
        },
      ),
    );
  });

  it("GIVEN any text, or a result of which anything was cut off or changed THEN it is read whole or refused", () => {
    const whole =
      written(`row\ta.test\tok\t2027-01-31T12:00:00Z\t${LEAF}\t`, "row\tb.test\tfailed\t-\t-\tno") + END;
    const changed = fc
      .tuple(fc.nat(whole.length), fc.nat(whole.length), fc.string({ unit: "binary", maxLength: 8 }))
      .map(([one, other, put]) => whole.slice(0, one) + put + whole.slice(other));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), changed), (text) => {
        try {
          const { rows } = parseJobResult(text);
          for (const { name, message } of rows)
            expect(name + message).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
        } catch (error) {
          expect(error).toBeInstanceOf(JobResultUnreadable);
          expect((error as Error).message).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
          expect((error as Error).message.length).toBeLessThan(700);
        }
      }),
      { numRuns: 1000 },
    );
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseJobResult(whole.slice(0, length))).toThrow(JobResultUnreadable);
    }
  });

  it.each([
    ["another format", "something else\n", 'line 1: "something else" is not the heading of version 1'],
    ["a later version", "mail-sni-job-result\t2\n", 'line 1: "mail-sni-job-result\\\\u00092" is not'],
    ["no end", written("row\ta\tok\t-\t-\t"), "its last line is missing: it was cut off"],
    ["something behind the end", `${written()}${END}x\n`, "line 3: nothing may follow the end"],
    ["a name twice", written("row\ta\tok\t-\t-\t", "row\ta\tok\t-\t-\t") + END, 'it has two rows for "a"'],
    [
      "a name with a control character",
      written("row\ta\x1b\tok\t-\t-\t") + END,
      'line 2: "a\\\\u001b" is not a name of up to 255 printable characters',
    ],
    ["another status", written("row\ta\tfine\t-\t-\t") + END, 'line 2: "fine" is not ok, failed or pending'],
    [
      "a time of another form",
      written("row\ta\tok\ttomorrow\t-\t") + END,
      'line 2: "tomorrow" is not a time such as 2026-01-31T12:00:00Z',
    ],
    [
      "a short fingerprint",
      written("row\ta\tok\t-\tab\t") + END,
      'line 2: "ab" is not a fingerprint of 64 hexadecimal digits',
    ],
    ["a file of the wrong kind", written("x".repeat(500)) + END, 'line 2: "xxx'],
    [
      "too many rows",
      written(
        ..."x"
          .repeat(30_000)
          .split("")
          .map((_, n) => `row\t${n}\tok\t-\t-\t`),
      ) + END,
      "it has more than 20000 lines",
    ],
  ])("GIVEN %s THEN it is refused, and the message says why", (_, text, message) => {
    expect(() => parseJobResult(text)).toThrow(JobResultUnreadable);
    expect(() => parseJobResult(text)).toThrow(message);
  });

  it("GIVEN a long message THEN its beginning is taken, without control characters", () => {
    const { rows } = parseJobResult(written(`row\ta\tfailed\t-\t-\t\x1b[2J${"x".repeat(5000)}`) + END);
    expect(rows[0]?.message).toMatch(/^\\u001b\[2Jx+$/);
    expect(rows[0]?.message).toHaveLength(1000);
  });
});
