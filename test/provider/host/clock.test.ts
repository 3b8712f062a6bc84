import { expect, it } from "vitest";
import { clockWarning } from "../../../lib/provider/host/clock";

const NOW = new Date("2026-03-01T12:00:00Z");
const at = (time: string) => ({ status: 0, output: `${Date.parse(time) / 1000}\n` });

it.each([["2026-03-01T12:00:00Z"], ["2026-03-01T12:04:00Z"], ["2026-03-01T11:56:00Z"]])(
  "GIVEN a host whose clock shows %s THEN nothing is said of it",
  (time) => {
    expect(clockWarning("mx1", at(time), NOW)).toBeUndefined();
  },
);

it.each([
  ["2026-03-01T12:10:00Z", "10 minutes ahead"],
  ["2026-03-01T11:00:00Z", "60 minutes behind"],
  ["2026-03-02T12:00:00Z", "24 hours ahead"],
  ["2026-02-01T12:00:00Z", "28 days behind"],
  ["1970-01-01T00:00:00Z", "20514 days behind"],
])("GIVEN one that shows %s THEN it is said to be %s, with both times and what to do", (time, apart) => {
  const warning = clockWarning("mx1", at(time), NOW);
  expect(warning?.summary).toBe(`The clock of host "mx1" is ${apart}`);
  expect(warning?.detail).toContain(`It is ${time} there, and 2026-03-01T12:00:00Z on this machine.`);
  expect(warning?.detail).toContain("Find out which one is wrong, and set it");
});

it.each([
  { status: 127, output: "date: not found" },
  { status: 0, output: "no number" },
])("GIVEN a host that does not say THEN nothing is said of it", (answer) => {
  expect(clockWarning("mx1", answer, NOW)).toBeUndefined();
});
