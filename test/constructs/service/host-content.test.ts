import { TerraformVariable } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPath } from "../../../lib/constructs/service/host-content";
import { testStack } from "../../support/synthesized";

describe("checkPath", () => {
  it.each(["/etc/dovecot", "/usr/local/dovecot-2.4/etc", "/srv/a_b/c@d/x+y=z"])("takes %s", (path) => {
    expect(checkPath("A path", path)).toBe(path);
  });

  it.each([
    "",
    "/",
    "etc",
    "./etc",
    "/etc/",
    "/etc//dovecot",
    "/etc/./dovecot",
    "/etc/../root",
    "/etc/do ve",
    "/etc/$HOME",
    "/etc/%{x}",
    "/etc/a\nb",
    '/etc/"',
    "/etc/*",
  ])("refuses %j", (path) => {
    expect(() => checkPath("A path", path)).toThrow(expect.objectContaining({ code: "PATH_INVALID" }));
  });

  it("refuses an expression", () => {
    const variable = new TerraformVariable(testStack(), "directory", { type: "string" });

    expect(() => checkPath("A path", variable.stringValue)).toThrow(
      expect.objectContaining({ code: "PATH_INVALID", problem: expect.stringContaining("expression") }),
    );
  });

  it("lets nothing through that means something to Terraform, a shell or a server", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        try {
          expect(checkPath("A path", `/x/${text}`)).not.toMatch(/[\s"'\\$#{}<>|&;*?`]|\.\.(\/|$)/);
        } catch (error) {
          expect(error).toMatchObject({ code: "PATH_INVALID" });
        }
      }),
    );
  });
});
