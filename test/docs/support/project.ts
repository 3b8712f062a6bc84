import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transformSync } from "esbuild";
import * as library from "../../../lib";
import { otherCdktf } from "../../support/other-cdktf";
import { providerDirectory } from "../../support/synthesized";
import type { Program } from "./programs";

const nodeRequire = createRequire(__filename);

export interface Outcome {
  /** As the engine gets them, by name. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any stack
  readonly stacks: Readonly<Record<string, any>>;
  /** What it printed. */
  readonly printed: string;
  /** What cdktf would show with a stack: warnings, for example. */
  readonly annotations: readonly string[];
}

/** A directory in which programs of pages are run, with the files that they read. */
export class Project {
  readonly #before = process.cwd();
  readonly directory = mkdtempSync(join(tmpdir(), "mail-sni-docs-"));

  /**
   * @param files by their path in the directory
   * @param provider the directory of the provider. @default one that is never run
   */
  constructor(
    files: Readonly<Record<string, string>>,
    private readonly provider = providerDirectory(),
  ) {
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.directory, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  /** Runs a program, which synthesizes its stacks. @throws whatever it throws */
  run({ code, block }: Program): Outcome {
    const environment = {
      CDKTF_OUTDIR: join(this.directory, "cdktf.out"),
      CDKTF_CONTEXT_JSON: JSON.stringify({
        "mail-sni:provider-directory": this.provider,
        "mail-sni:host-directory": this.provider,
      }),
    };
    const saved = { ...process.env };
    Object.assign(process.env, environment, homeOf(block.marks));
    process.chdir(this.directory);
    rmSync(environment.CDKTF_OUTDIR, { recursive: true, force: true });
    try {
      const printed = withoutPackages(block.marks, () => evaluate(code));
      return { printed, ...readOutcome(environment.CDKTF_OUTDIR) };
    } finally {
      process.chdir(this.#before);
      for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
      Object.assign(process.env, saved);
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** As for a user whose home directory a mark `home:DIRECTORY` names, with what is in it of engines' configuration. */
function homeOf(marks: readonly string[]): Readonly<Record<string, string>> {
  const mark = marks.find((one) => one.startsWith("home:"));
  return mark === undefined ? {} : { HOME: mark.slice("home:".length), TF_CLI_CONFIG_FILE: "" };
}

/** As where a package is not installed that a mark `without:PACKAGE` names. */
function withoutPackages<T>(marks: readonly string[], work: () => T): T {
  const absent = marks.flatMap((mark) =>
    mark.startsWith("without:") ? [mark.slice("without:".length)] : [],
  );
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => {
    if (!absent.includes(request)) return load.call(Module, request, ...rest);
    throw Object.assign(new Error(`Cannot find module '${request}'`), { code: "MODULE_NOT_FOUND" });
  };
  try {
    return work();
  } finally {
    loader._load = load;
  }
}

/** The package by its name is the library as its sources are now; `cdktn` is what a project has of that name beside cdktf; all else is as anywhere in the project. */
function evaluate(code: string): string {
  const { code: script } = transformSync(code, { loader: "ts", format: "cjs" });
  const load = (name: string) => {
    if (name === "cdktf-mail-sni") return library;
    return name === "cdktn" ? otherCdktf(["cdktn", "0.24.0"]) : nodeRequire(name);
  };
  const printed: string[] = [];
  const log = (line: unknown) => printed.push(`${line}\n`);
  new Function("require", "module", "exports", "console", script)(load, { exports: {} }, {}, { log });
  return printed.join("");
}

function readOutcome(outdir: string): Omit<Outcome, "printed"> {
  const manifest = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  const stacks: [string, { annotations: { message: string }[] }][] = Object.entries(manifest.stacks);
  return {
    stacks: Object.fromEntries(
      stacks.map(([name]) => [
        name,
        JSON.parse(readFileSync(join(outdir, "stacks", name, "cdk.tf.json"), "utf8")),
      ]),
    ),
    annotations: stacks.flatMap(([, { annotations }]) => annotations.map(({ message }) => message)),
  };
}
