import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type LedgerEntry,
  LedgerUnreadable,
  parseLine,
  written,
} from "../../../../lib/provider/host/record/ledger-line";
import { HOSTILE_LEDGER_LINES, ledgerLine } from "../../../support/hostile-peers";

const ENTRIES: readonly LedgerEntry[] = [
  ["claim", "stack", "0123456789abcdef", "/etc/dovecot/mail-sni/a.test.pem"],
  ["release", "0123456789abcdef", "/it's a/päth"],
  ["directory", "/a"],
  ["removed", "/a"],
  ["stage", "/a/b"],
  ["placeholder", "0".repeat(64), "/a"],
  ["host", "AAAAC3NzaC1lZDI1NTE5AAAAI".padEnd(2_800, "x")],
  ["owe", "qmail", "0123456789ab", "0123456789abcdef"],
  ["paid", "0123456789ab"],
  ["closed"],
  ["begun", "0123456789abcdef", "stack", "2026-01-31T12:00:00Z", "root@laptop"],
  ["kept", "0123456789abcdef", "stack", "2026-01-31T12:00:00Z", "root@laptop"],
  ["ended", "0123456789abcdef", "fedcba9876543210"],
  ["lost", "0123456789abcdef"],
  ["member", "0123456789abcdef", "fedcba9876543210"],
];

describe("a line of a ledger", () => {
  it.each(ENTRIES)("GIVEN `%s` with what belongs there THEN it is read as it was written", (...entry) => {
    expect(parseLine(written([entry as LedgerEntry]).trimEnd())).toEqual(entry);
  });

  it.each([
    ["it was cut off", "claim\tstack\ttok"],
    ["it was cut off behind a field", "claim\tstack\t"],
    ["it is empty", ""],
    ["a later version has added its kind", ledgerLine("future-kind", "x", "y", "z", "more")],
  ])("GIVEN %s THEN it says nothing", (_, line) => {
    expect(parseLine(line)).toBeUndefined();
  });

  it.each(HOSTILE_LEDGER_LINES)(
    "GIVEN `%s` with what does not belong there, %j, THEN it is refused, and why is said",
    (_, line, reason) => {
      expect(() => parseLine(line)).toThrow(LedgerUnreadable);
      expect(() => parseLine(line)).toThrow(reason);
      try {
        parseLine(line);
      } catch (error) {
        expect((error as Error).message.length).toBeLessThan(300);
      }
    },
  );

  it("GIVEN the name of something that every object has THEN it is a kind like any other that is not known", () => {
    for (const verb of ["constructor", "valueof", "tostring"])
      expect(parseLine(ledgerLine(verb, "x"))).toBeUndefined();
  });

  it("GIVEN lines with anything changed in them THEN each is read, passed over or refused, and no more happens", () => {
    const line = fc.constantFrom(...ENTRIES).map((entry) => written([entry]).trimEnd());
    const noise = fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom("\t", "\t.", "\0", "..", "/", ""),
    );
    fc.assert(
      fc.property(line, fc.nat(), fc.nat(10), noise, (whole, at, length, text) => {
        const start = at % (whole.length + 1);
        const mutated = whole.slice(0, start) + text + whole.slice(start + length);
        try {
          const entry = parseLine(mutated);
          if (entry !== undefined) expect(written([entry])).toBe(`${mutated}\n`);
        } catch (error) {
          expect(error).toBeInstanceOf(LedgerUnreadable);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
