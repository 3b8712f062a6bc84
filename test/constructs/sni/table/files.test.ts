import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, TerraformStack, Testing } from "cdktf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BlockPlace, Dovecot } from "../../../../lib";
import { providerDirectory } from "../../../support/synthesized";
import { declare, quietServices } from "../support/declare";

const FILES = ["sni-table.md", "sni-table.json"];

describe("The table's files", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "sni-table-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function appWith(table: unknown): App {
    const context = { "mail-sni:provider-directory": providerDirectory(), "mail-sni:table": table };
    return Testing.app({ outdir: join(directory, "cdktf.out"), context });
  }

  function written(): string[] {
    return FILES.filter((name) => existsSync(join(directory, name)));
  }

  function read(name: string): string {
    return readFileSync(join(directory, name), "utf8");
  }

  it("are written where the context says, when the app is synthesized", () => {
    const app = appWith(directory);
    declare(quietServices(), {}, new TerraformStack(app, "mail"));
    expect(written()).toEqual([]);

    app.synth();

    expect(written()).toEqual(FILES);
    expect(read("sni-table.md")).toContain("## mail / mx1");
  });

  it("are written where cdktf runs, if nothing is said", () => {
    const before = process.cwd();
    const app = appWith(undefined);
    declare(quietServices(), {}, new TerraformStack(app, "mail"));
    process.chdir(directory);
    try {
      app.synth();
    } finally {
      process.chdir(before);
    }

    expect(written()).toEqual(FILES);
  });

  it("have the hosts of all stacks, by stack", () => {
    const app = appWith(directory);
    for (const name of ["west", "empty", "east"]) {
      const stack = new TerraformStack(app, name);
      if (name !== "empty") declare(quietServices(), {}, stack);
    }

    app.synth();

    const headings = read("sni-table.md").match(/^## .*$/gm);
    expect(headings).toEqual(["## east / mx1", "## west / mx1"]);
    expect(JSON.parse(read("sni-table.json")).hosts.map(({ stack }: { stack: string }) => stack)).toEqual([
      "east",
      "west",
    ]);
  });

  it("are left alone where they are right, and put right where they are not", () => {
    const app = appWith(directory);
    declare(quietServices(), {}, new TerraformStack(app, "mail"));
    app.synth();
    const table = read("sni-table.md");
    for (const name of FILES) utimesSync(join(directory, name), 1, 1);
    writeFileSync(join(directory, "sni-table.json"), "{}");

    app.synth();

    expect(statSync(join(directory, "sni-table.md")).mtimeMs).toBe(1000);
    expect(read("sni-table.md")).toBe(table);
    expect(JSON.parse(read("sni-table.json"))).toMatchObject({ version: 1 });
  });

  it("stay as they are when a stack is refused, be it the last", () => {
    const app = appWith(directory);
    declare(quietServices(), {}, new TerraformStack(app, "first"));
    const otherBlocks = [
      { names: ["*.domain1.tld"], certificate: "/etc/ssl/old.pem", place: BlockPlace.BEFORE },
    ];
    declare([Dovecot.v23({ otherBlocks })], {}, new TerraformStack(app, "last"));

    expect(() => app.synth()).toThrow(/SNI007/);
    expect(written()).toEqual([]);
  });

  it("are written even if validations are disabled", () => {
    const app = appWith(directory);
    Object.assign(app, { skipValidation: true });
    declare(quietServices(), {}, new TerraformStack(app, "mail"));

    app.synth();

    expect(written()).toEqual(FILES);
  });

  it("are not written where the context says false", () => {
    const app = appWith(false);
    declare(quietServices(), {}, new TerraformStack(app, "mail"));

    app.synth();

    expect(written()).toEqual([]);
  });

  it("are not written by what synthesizes in tests", () => {
    const { stack } = declare(quietServices(), {}, new TerraformStack(appWith(directory), "mail"));
    stack.prepareStack();

    Testing.synth(stack, true);
    rmSync(Testing.fullSynth(stack), { recursive: true });

    expect(written()).toEqual([]);
  });

  it.each([true, 1, "", {}, null])("refuse %j for a directory", (context) => {
    const app = appWith(context);
    declare(quietServices(), {}, new TerraformStack(app, "mail"));

    expect(() => app.synth()).toThrow(expect.objectContaining({ code: "TABLE_DIRECTORY" }));
  });

  it("say what is the matter where they cannot be written", () => {
    const app = appWith(join(directory, "nowhere"));
    declare(quietServices(), {}, new TerraformStack(app, "mail"));

    expect(() => app.synth()).toThrow(
      expect.objectContaining({
        code: "TABLE_UNWRITABLE",
        problem: expect.stringMatching(/ENOENT.*nowhere\/sni-table\.md/),
      }),
    );
  });
});
