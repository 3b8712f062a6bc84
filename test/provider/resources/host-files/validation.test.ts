import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfiguration } from "../../../../lib/provider/protocol/configuration";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { attributes } from "../../../../lib/provider/resources/host-files/schema";
import { validate } from "../../../../lib/provider/resources/host-files/validation";
import { file, hostFiles } from "./support";

function problems(config: object): string[] {
  const diagnostics = new Diagnostics();
  const values = { ...hostFiles({}), ...config };
  checkConfiguration(attributes, values as never, diagnostics);
  validate({ config: values as never, diagnostics });
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
    ["a relative path", { files: { "d/a": file({ text: "" }) } }, "Not a valid file path @files.d/a"],
    [
      "a path with `..`",
      { directories: { "/d/../e": { mode: null } } },
      "Not a valid file path @directories./d/../e",
    ],
    [
      "a path that is two things",
      { files: { "/a": file({ text: "" }) }, directories: { "/a": { mode: null } } },
      "Path declared twice @files./a",
    ],
    ["an identity that is none", { state_id: "mail\tclaim" }, "Not a state identity @state_id"],
    [
      "a mode that is none",
      { files: { "/a": file({ text: "", mode: "u=rw" }) } },
      "Not a valid mode @files./a.mode",
    ],
    [
      "an owner that is empty",
      { files: { "/a": { ...file({ text: "" }), owner: "" } } },
      "Empty text @files./a.owner",
    ],
    [
      "a group that is empty",
      { placeholders: { "/a": { ...placeholder, group: "" } } },
      "Empty text @placeholders./a.group",
    ],
    [
      "a mode with too many digits",
      { directories: { "/a": { mode: "00755" } } },
      "Not a valid mode @directories./a.mode",
    ],
    [
      "another end than two",
      { files: { "/a": { ...file({ text: "" }), on_destroy: "archive" } } },
      "@files./a.on_destroy",
    ],
    ["a NUL", { files: { "/a": file({ text: "a\0b" }) } }, "Text with a NUL character @files./a"],
    [
      "a text of more than 16 MiB",
      { files: { "/a": file({ text: "ä".repeat(8 * 1024 * 1024 + 1) }) } },
      "File too large @files./a",
    ],
    [
      "a PEM of more than 16 MiB",
      { files: { "/a": file({}) }, secrets: { "/a": "x".repeat(16 * 1024 * 1024 + 1) } },
      "File too large @secrets./a",
    ],
    ["no contents", { files: { "/a": file({}) } }, "File without contents @files./a"],
    [
      "two contents",
      { files: { "/a": file({ text: "x" }) }, secrets: { "/a": "PEM" } },
      "File with two contents @files./a",
    ],
    ["a PEM for no file", { files: {}, secrets: { "/a": "PEM" } }, "PEM for an undeclared file @secrets./a"],
    [
      "an absolute link",
      { files: { "/a": file({ text: "" }) }, links: { "/l": "/a" } },
      "Invalid link target @links./l",
    ],
    [
      "a link to what is not ours",
      { files: {}, links: { "/l": "../etc/passwd" } },
      "Invalid link target @links./l",
    ],
    [
      "half a placeholder",
      { placeholders: { "/a": { ...placeholder, config_file: "/c" } } },
      "Incomplete placeholder @placeholders./a",
    ],
    [
      "a placeholder's relative file",
      { placeholders: { "/a": { ...placeholder, config_file: "c", config_text: "" } } },
      "Not a valid file path @placeholders./a",
    ],
    [
      "a placeholder's name",
      { placeholders: { "/a": { ...placeholder, names: ["not a name"] } } },
      "Not a valid host name @placeholders./a.names",
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
