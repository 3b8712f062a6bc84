import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { bugReport } from "../../../lib/cli/errors/bug";
import { run } from "../../../lib/cli/program";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { testIo } from "../support/io";

describe("bugReport", () => {
  it("THEN it is one line, and the stack trace follows only where it is asked for", () => {
    const error = new TypeError("x is undefined");
    const line =
      "mail-sni: This is a bug in mail-sni 1.2.3: TypeError: x is undefined. Report it, with what MAIL_SNI_DEBUG=1 makes it print. [CLI_BUG]\n";
    expect(bugReport(error, {}, "1.2.3")).toBe(line);
    expect(bugReport(error, { MAIL_SNI_DEBUG: "0" }, "1.2.3")).toBe(line);
    expect(bugReport(error, { MAIL_SNI_DEBUG: "1" }, "1.2.3")).toBe(`${line}${error.stack}\n`);
  });

  it.each([
    ["an error", new Error(HOSTILE_WORDS.repeat(99))],
    ["a text", HOSTILE_WORDS],
    ["nothing", undefined],
  ])("GIVEN %s from outside in it THEN it is plain and short", (_, error) => {
    const text = bugReport(error, { MAIL_SNI_DEBUG: "" }, "1.2.3");
    expect(isPlain(text)).toBe(true);
    expect(text.length).toBeLessThan(2500);
    expect(text.indexOf("\n")).toBe(text.length - 1);
  });
});

describe("run", () => {
  it("GIVEN an exception that was not foreseen THEN 2, and that line", async () => {
    let err = "";
    const stderr = new Writable({
      write: (chunk, _, done) => {
        err += chunk;
        done();
      },
    });
    const stdout = {
      get isTTY(): boolean {
        throw new RangeError("not foreseen");
      },
    } as never;
    const args = ["status", "--facts", "test/cli/support/facts.json"];
    expect(await run(args, testIo({ stdout, stderr }), "1.2.3")).toBe(2);
    expect(err).toMatch(
      /^mail-sni: This is a bug in mail-sni 1\.2\.3: RangeError: not foreseen\. .*\[CLI_BUG\]\n$/,
    );
  });
});
