import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readManifest } from "../../../lib/constructs/plugin/manifest";

describe("readManifest", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "manifest-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function write(manifest: string): void {
    writeFileSync(join(directory, "manifest.json"), manifest);
    writeFileSync(join(directory, "bundle.cjs"), "");
  }

  it("tells the bundle's place, version and hash", () => {
    write('{"version":"1.2.3-b0","file":"bundle.cjs","h1":"h1:0=","schema":{}}');

    expect(readManifest(directory)).toEqual({
      version: "1.2.3-b0",
      file: "bundle.cjs",
      h1: "h1:0=",
      bundle: join(directory, "bundle.cjs"),
    });
  });

  it("says how to build the provider where there is none", () => {
    expect(() => readManifest(directory)).toThrow(
      expect.objectContaining({
        code: "PROVIDER_NOT_BUILT",
        remedy: expect.stringContaining("npm run build"),
      }),
    );
  });

  it.each([
    ["is cut off", '{"version":"1.2'],
    ["is of another form", '{"version":"1.2.3"}'],
    ["is null", "null"],
    ["is a list", "[]"],
    ["has a number for a name", '{"version":"1.2.3","file":7,"h1":"h1:0="}'],
    ["names a bundle that is not there", '{"version":"1.2.3","file":"other.cjs","h1":"h1:0="}'],
  ])("refuses a manifest that %s", (_, manifest) => {
    write(manifest);

    expect(() => readManifest(directory)).toThrow(expect.objectContaining({ code: "PROVIDER_DAMAGED" }));
  });
});
