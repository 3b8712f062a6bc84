import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "../..");
const CONFIGURATION = join(ROOT, "tsconfig.build.json");

describe("the declarations that are published", () => {
  let directory: string;
  let published: ts.Program;

  beforeAll(() => {
    // Within the project, so that packages are found from there.
    const cache = join(ROOT, "node_modules/.cache");
    mkdirSync(cache, { recursive: true });
    directory = mkdtempSync(join(cache, "declarations-"));
    const { config } = ts.readConfigFile(CONFIGURATION, ts.sys.readFile);
    const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const emitting = {
      ...options,
      outDir: directory,
      declaration: true,
      emitDeclarationOnly: true,
      noEmit: false,
    };
    ts.createProgram(fileNames, emitting).emit();
    published = ts.createProgram([join(directory, "lib/index.d.ts")], {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      types: ["node"],
    });
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  const own = () => published.getSourceFiles().filter(({ fileName }) => fileName.startsWith(directory));

  it("have nothing marked @internal, and no member that only the library may use", () => {
    const texts = own()
      .filter(({ fileName }) => !fileName.includes("/bindings/mailsni/"))
      .map(({ fileName }) => ({ fileName, text: readFileSync(fileName, "utf8") }));
    expect(texts.length).toBeGreaterThan(20);
    const found = texts.filter(({ text }) => /@internal|^\s+(static |readonly |get )*_\w/m.test(text));
    expect(found.map(({ fileName }) => fileName)).toEqual([]);
  });

  it("are type-correct by themselves, with `strict`", () => {
    const errors = own().flatMap((file) => published.getSemanticDiagnostics(file));
    expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });
});
