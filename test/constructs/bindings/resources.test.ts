import { LocalBackend, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { type HostFilesContent, HostFilesResource } from "../../../lib/constructs/bindings/resources";
import { testStack } from "../../support/synthesized";

const NOTHING: HostFilesContent = { directories: {}, files: {}, secrets: {}, links: {}, placeholders: {} };

/** The attributes that Terraform gets, after every step by which cdktf renders a resource. */
function rendered(content: Partial<HostFilesContent>, override?: [path: string, value: unknown]) {
  const stack = testStack();
  new LocalBackend(stack, { path: "state" });
  const resource = new HostFilesResource(stack, "files", { host: "mx1", ...NOTHING, ...content });
  if (override) resource.addOverride(...override);
  stack.prepareStack();
  const { "//": _, ...attributes } = JSON.parse(Testing.synth(stack)).resource.mailsni_host_files.files;
  return attributes;
}

describe("HostFilesResource", () => {
  it("has what is declared, in Terraform's spelling, and no map where there is nothing", () => {
    expect(
      rendered({ files: { "/a": { service: "exim", onDestroy: "keep" } }, links: { "/b": "a" } }),
    ).toEqual({
      host: "mx1",
      files: { "/a": { service: "exim", on_destroy: "keep" } },
      links: { "/b": "a" },
    });
  });

  it("takes paths for what they are, like those that every object seems to have", () => {
    expect(rendered({ links: { constructor: "a", toString: "b" } }).links).toEqual({
      constructor: "a",
      toString: "b",
    });
  });

  it("GIVEN an override within a file THEN it is applied once, and nothing else changes", () => {
    const placeholders = { "/a": { names: ["a.test"], service: "exim" } };

    expect(rendered({ placeholders }, ["placeholders./a.names", ["b.test"]]).placeholders).toEqual({
      "/a": { names: ["a.test", "b.test"], service: "exim" },
    });
  });
});
