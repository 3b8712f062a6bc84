import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddedIn, withEmbedded } from "../../../lib/provider/code-cache/embedded-program";

const digest = "0".repeat(64);

describe("a program that is embedded in a file", () => {
  it("GIVEN any program THEN it is read as it was, and what Node.js runs is the start alone", () => {
    const source = fc.stringMatching(/^[\x20-\x7e\n*/]{0,60}$/);
    fc.assert(
      fc.property(source, (text) => {
        const file = withEmbedded("globalThis.ran = true;", { source: text, digest });
        expect(embeddedIn(file)).toEqual({ source: text, digest });
        expect(() => new Function(file)).not.toThrow();
      }),
    );
  });

  it.each(["*/", "/* */ */", 'const a = /^\\S*/.exec("*/");', "`${link##*/}`"])(
    "GIVEN %s THEN the same",
    (source) => {
      const file = withEmbedded("1;", { source, digest });
      expect(embeddedIn(file)?.source).toBe(source);
      expect(() => new Function(file)).not.toThrow();
    },
  );

  it.each(["’", "*\u0001/"])("GIVEN %j in a program THEN it is refused", (source) => {
    expect(() => withEmbedded("1;", { source, digest })).toThrow(/cannot be embedded/);
  });

  it.each(["", "#!/usr/bin/env node\n", withEmbedded("1;", { source: "2;", digest }).slice(0, -1)])(
    "GIVEN a file without one, or cut off, THEN there is none",
    (text) => {
      expect(embeddedIn(text)).toBeNull();
    },
  );
});
