import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, printableLine } from "../../../lib/shared/text/printable";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";

/** The names of GitHub's workflow commands. */
const COMMANDS = [
  "add-mask",
  "add-matcher",
  "debug",
  "echo",
  "endgroup",
  "error",
  "set-output",
  "stop-commands",
];

/** Whether a CI system takes a line for a command: GitHub as `ActionCommand.cs` of actions/runner does. */
function isObeyed(line: string): boolean {
  const [, atStart = ""] = /^\s*::(.*?)::/su.exec(line) ?? [];
  const [, anywhere = ""] = /##\[(.*?)\]/su.exec(line) ?? [];
  const names = [atStart, anywhere].map((command) => command.split(" ")[0] as string);
  return names.some((name) => COMMANDS.includes(name)) || /##(vso|teamcity)\[/u.test(line);
}

const PIECES = [
  "##[",
  "##",
  "#",
  "[",
  "::",
  ":",
  "vso[",
  "teamcity[",
  "]",
  " ",
  "\t",
  "\n",
  ", ",
  "x",
  "name=x",
];
const texts = fc
  .array(fc.constantFrom(...PIECES, ...COMMANDS), { maxLength: 12 })
  .map((words) => words.join(""));

describe.each([
  ["printable", printable],
  ["printableLine", printableLine],
])("%s", (_, clean) => {
  it("GIVEN what a terminal would obey THEN it is plain", () => {
    expect(isPlain(clean(HOSTILE_WORDS))).toBe(true);
  });

  it.each([
    "::error file=a.ts,line=1::hacked",
    "  ::add-mask::e",
    "mx1, ::set-output name=risk::none",
    "CN=##[set-output name=risk;]none",
    "CN=##[add-mask]e",
    "##vso[task.setvariable variable=PATH]/tmp",
    "##teamcity[buildStatus status='SUCCESS']",
  ])("GIVEN what the log of a CI job would obey (%s) THEN it does not", (text) => {
    expect(text.split(", ").some(isObeyed)).toBe(true);
    expect(clean(text).split(", ").some(isObeyed)).toBe(false);
  });

  it("GIVEN such words in any order, in a table that breaks lines THEN no line is obeyed", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(clean(text).split(/\n|, /).filter(isObeyed)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("GIVEN an IPv6 address, or what else has such characters THEN it stays", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(clean(address)).toBe(address);
      }),
    );
    const kept = ["::", "::1 port 993", ":: and ::ffff:192.0.2.1", "::1%eth0", "C#[0]", "# ## [x]", "a::b"];
    expect(kept.map(clean)).toEqual(kept);
  });

  it("GIVEN a JSON document THEN its values stay", () => {
    const words = fc
      .tuple(texts, fc.constantFrom("\\", '"', HOSTILE_WORDS), texts)
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(words, (text) => {
        expect(JSON.parse(clean(JSON.stringify([text])))).toEqual([text]);
      }),
    );
  });
});
