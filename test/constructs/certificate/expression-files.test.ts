import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Fn, TerraformStack, TerraformVariable } from "cdktf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Certificate } from "../../../lib";

describe("A certificate out of files that the engine reads", () => {
  const before = process.cwd();
  let project: string;
  let stack: TerraformStack;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "expression-files-"));
    process.chdir(project);
    stack = new TerraformStack(new App({ outdir: join(project, "cdktf.out") }), "mail");
  });

  afterEach(() => {
    process.chdir(before);
    rmSync(project, { recursive: true });
  });

  function write(path: string): void {
    mkdirSync(join(project, path, ".."), { recursive: true });
    writeFileSync(join(project, path), "");
  }

  function use(expression: string): string {
    return Certificate.fromCombinedPem(expression).combinedPem(stack);
  }

  const REFUSAL = expect.objectContaining({
    code: "FILE_PATH_RELATIVE",
    problem: expect.stringContaining('Fn.file("certs/a.pem")'),
    remedy: expect.stringContaining('Fn.file(resolve("certs/a.pem"))'),
  });

  it.each<[string, () => string]>([
    ["as it is", () => Fn.file("certs/a.pem")],
    ["within another call", () => Fn.trimspace(Fn.file("certs/a.pem"))],
    ["in a list", () => Fn.join("", [Fn.file("/etc/ssl/b.pem"), Fn.file("certs/a.pem")])],
    ["in Base64", () => Fn.filebase64("certs/a.pem")],
    ["as a template", () => '${file("certs/a.pem")}'],
    ["in a template", () => '${chomp(file("certs/a.pem"))}\n'],
  ])(
    "GIVEN a path that is relative to the program, %s, THEN refused, be the file there or not",
    (_, expression) => {
      expect(() => use(expression())).toThrow(REFUSAL);
      write("certs/a.pem");
      expect(() => use(expression())).toThrow(REFUSAL);
    },
  );

  it("GIVEN the parts of a certificate THEN each is checked", () => {
    const good = Fn.file("/etc/ssl/a.pem");
    const bad = Fn.file("certs/a.pem");
    for (const parts of [
      { privateKey: bad, certificate: good },
      { privateKey: good, certificate: bad },
      { privateKey: good, certificate: good, chain: bad },
    ]) {
      expect(() => Certificate.fromPem(parts).combinedPem(stack)).toThrow(REFUSAL);
    }
  });

  it("GIVEN a path out of the stack's directory THEN refused where it leads to a file from the program alone", () => {
    write("a.pem");
    mkdirSync("programs");
    process.chdir("programs");

    expect(() => use(Fn.file("../a.pem"))).toThrow(expect.objectContaining({ code: "FILE_PATH_RELATIVE" }));
  });

  it.each<[string, () => string]>([
    ["an absolute path", () => Fn.file("/etc/ssl/a.pem")],
    ["a path below a home directory", () => Fn.file("~/a.pem")],
    ["a path that leads from the stack's directory to a file", () => Fn.file("../../../a.pem")],
    ["such a path of a file that is not there yet", () => Fn.file("../../../later.pem")],
    ["a path below the module", () => '${file("${path.module}/a.pem")}'],
    ["a variable", () => new TerraformVariable(stack, "pem", { type: "string" }).stringValue],
    [
      "a path in a variable",
      () => Fn.file(new TerraformVariable(stack, "path", { type: "string" }).stringValue),
    ],
  ])("GIVEN %s THEN taken", (_, expression) => {
    write("a.pem");

    expect(() => use(expression())).not.toThrow();
  });
});
