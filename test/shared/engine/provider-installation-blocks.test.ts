import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { providerInstallations } from "../../../lib/shared/engine/provider-installation-blocks";

describe("providerInstallations", () => {
  it.each<[what: string, text: string, blocks: readonly string[]]>([
    ["nothing", "", []],
    ["another block", 'credentials "app.terraform.io" {\n  token = "provider_installation {"\n}\n', []],
    [
      "a plain block",
      'provider_installation {\n  direct {}\n}\nplugin_cache_dir = "/x"\n',
      ["{ direct { } }"],
    ],
    [
      "one in a comment",
      "# provider_installation {}\n// provider_installation {}\n/* provider_installation {} */",
      [],
    ],
    ["an attribute of that name", 'provider_installation = "x"\nother {}\n', []],
    ["braces in strings and comments", 'provider_installation {\n  # }\n  a = "}"\n}\nb {}', ['{ a = "}" }']],
    ["two blocks", "provider_installation {}\nprovider_installation {\n}\n", ["{ }", "{ }"]],
    [
      "JSON",
      '{"provider_installation": {"direct": {"exclude": ["a/*/*"]}}, "x": {}}',
      ['{ "direct" : { "exclude" : [ "a/*/*" ] } }'],
    ],
    ["JSON with a list", '{"provider_installation": [{"direct": {}}]}', ['{ "direct" : { } }']],
    ["an end that is missing", "provider_installation {\n  direct {", []],
  ])("GIVEN %s THEN what it has", (_, text, blocks) => {
    expect(providerInstallations(text)).toEqual(blocks);
  });

  it("GIVEN any text THEN there is an answer, and soon", () => {
    const parts = fc.constantFrom(
      "provider_installation",
      "{",
      "}",
      '"',
      "\\",
      "/*",
      "*/",
      "#",
      "//",
      "\n",
      "=",
      ":",
      "[",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string())), (texts) => {
        expect(Array.isArray(providerInstallations(texts.join(" ")))).toBe(true);
      }),
    );
    for (const part of ["/*", '"', '"\\', "provider_installation {"]) {
      expect(providerInstallations(part.repeat(50_000))).toEqual([]);
    }
  });
});
