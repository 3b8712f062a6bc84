import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { validate } from "../../../../lib/provider/resources/host-files/validation";
import { file, hostFiles } from "./support";

function problems(config: object): string[] {
  const diagnostics = new Diagnostics();
  validate({ config: { ...hostFiles({}), ...config } as never, diagnostics });
  return diagnostics.all.map(({ summary, path }) => `${summary} @${path?.join(".")}`);
}

const placeholder = {
  names: ["mx1.test"],
  mode: null,
  owner: null,
  group: null,
  service: null,
  config_file: null,
  config_text: null,
};

describe("validation", () => {
  it("GIVEN what the constructs declare THEN there is nothing to say", () => {
    expect(
      problems({
        role: "default",
        directories: { "/d": { mode: "2755", owner: null, group: null } },
        files: { "/d/pem": file({ mode: "640" }), "/d/conf": file({ text: "x", on_destroy: "keep" }) },
        secrets: { "/d/pem": "PEM" },
        links: { "/e/pem": "../d/pem" },
        placeholders: { "/d/conf": { ...placeholder, mode: "0640" } },
      }),
    ).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["a role that is none", { role: "main" }, "@role"],
    ["a relative path", { files: { "d/a": file({ text: "" }) } }, "Not a path of a file @files.d/a"],
    [
      "a path with `..`",
      { directories: { "/d/../e": { mode: null } } },
      "Not a path of a file @directories./d/../e",
    ],
    [
      "a path that is two things",
      { files: { "/a": file({ text: "" }) }, directories: { "/a": { mode: null } } },
      "One path, two things @files./a",
    ],
    ["an identity that is none", { state_id: "mail\tclaim" }, "Not the identity of a state @state_id"],
    [
      "a mode that is none",
      { files: { "/a": file({ text: "", mode: "u=rw" }) } },
      "Not a mode @files./a.mode",
    ],
    [
      "a mode with too many digits",
      { directories: { "/a": { mode: "00755" } } },
      "Not a mode @directories./a.mode",
    ],
    [
      "another end than two",
      { files: { "/a": file({ text: "", on_destroy: "archive" }) } },
      "@files./a.on_destroy",
    ],
    ["a NUL", { files: { "/a": file({ text: "a\0b" }) } }, "Not a text @files./a"],
    ["no contents", { files: { "/a": file({}) } }, "A file without contents @files./a"],
    [
      "two contents",
      { files: { "/a": file({ text: "x" }) }, secrets: { "/a": "PEM" } },
      "A file with two contents @files./a",
    ],
    ["a PEM for no file", { files: {}, secrets: { "/a": "PEM" } }, "A PEM for no file @secrets./a"],
    [
      "an absolute link",
      { files: { "/a": file({ text: "" }) }, links: { "/l": "/a" } },
      "A link to nowhere @links./l",
    ],
    [
      "a link to what is not ours",
      { files: {}, links: { "/l": "../etc/passwd" } },
      "A link to nowhere @links./l",
    ],
    [
      "half a placeholder",
      { placeholders: { "/a": { ...placeholder, config_file: "/c" } } },
      "Half a placeholder @placeholders./a",
    ],
    [
      "a placeholder's relative file",
      { placeholders: { "/a": { ...placeholder, config_file: "c", config_text: "" } } },
      "Not a path of a file @placeholders./a",
    ],
    [
      "a placeholder's name",
      { placeholders: { "/a": { ...placeholder, names: ["not a name"] } } },
      "Not a host name @placeholders./a.names",
    ],
  ])("GIVEN %s THEN it is refused where it stands", (_, config, expected) => {
    expect(problems(config).join("\n")).toContain(expected);
  });

  it("GIVEN what is not known yet THEN it is passed over", () => {
    const config = {
      files: {
        "/a": file({}),
        "/b": UNKNOWN,
        "/c": { ...file({}), text: UNKNOWN, mode: UNKNOWN, on_destroy: UNKNOWN },
      },
      secrets: { "/a": UNKNOWN },
      links: { "/l": UNKNOWN },
      directories: { "/d": UNKNOWN, "/e": { mode: UNKNOWN, owner: UNKNOWN, group: UNKNOWN } },
      placeholders: {
        "/p": UNKNOWN,
        "/q": { ...placeholder, names: UNKNOWN },
        "/r": { ...placeholder, names: [UNKNOWN] },
      },
    };
    const names = ["role", "directories", "files", "links", "secrets", "placeholders", "names"];
    fc.assert(
      fc.property(fc.subarray(names), (unknown) => {
        const partly = { ...config, ...Object.fromEntries(unknown.map((name) => [name, UNKNOWN])) };
        expect(problems(partly)).toEqual([]);
      }),
    );
  });
});
