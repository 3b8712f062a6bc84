import { join, resolve } from "node:path";
import ts from "typescript";
import type { Program } from "./programs";

const ROOT = resolve(__dirname, "../../..");

/**
 * What the compiler has to say about programs of pages, a line each: `PAGE:LINE: message`. They are compiled with the
 * project's own options, as if each were a file of the project that imports the package by its name.
 */
export function typeErrors(programs: readonly Program[]): string[] {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const files = new Map(programs.map((program, index) => [join(ROOT, `docs/.block-${index}.ts`), program]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
  const compiled = ts.createProgram(
    [...files.keys()],
    {
      ...options,
      noUnusedLocals: false,
      paths: {
        "cdktf-mail-sni": [join(ROOT, "lib/index.ts")],
        cdktn: [join(ROOT, "node_modules/cdktf/lib/index.d.ts")],
      },
    },
    host,
  );
  return [...files].flatMap(([name, program]) => {
    const source = compiled.getSourceFile(name) as ts.SourceFile;
    const found = [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const line = source.getLineAndCharacterOfPosition(start).line + program.firstLine;
      return `${program.block.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}
