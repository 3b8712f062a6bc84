import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../lib/shared/errors";
import { builtProvider } from "../support/built-provider";
import { runEngine, vendorProvider } from "../support/engine";
import { engineUnderTest, requireEngine } from "../support/engine-under-test";
import { describeIf } from "../support/requirements";
import { codeBlocks } from "./support/code-blocks";
import { exampleFiles } from "./support/example-files";
import { codesOfPage, comparable, messageFor, messagesOf } from "./support/examples";
import { programsOf } from "./support/programs";
import { Project } from "./support/project";

const PAGE = "docs/errors.md";
const blocks = codeBlocks(PAGE);
const programs = programsOf(blocks).filter(({ block }) => isCode(block.heading));
const configurations = blocks.filter(({ language }) => language === "terraform");

describe(PAGE, () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project(await exampleFiles());
  });
  afterAll(() => project.remove());

  it("THEN it has a section for each error code, and no other", () => {
    expect(codesOfPage(PAGE).sort()).toEqual([...ERROR_CODES].sort());
  });

  it.each(programs.map((program) => [program.block.heading, program] as const))(
    "%s THEN the example causes it, with the message that stands below",
    (code, program) => {
      const said = messagesOf(project, program);
      expect(said.join("\n")).toContain(`[${code}]`);
      expect(said.map(comparable)).toContain(comparable(messageFor(blocks, code)));
    },
  );

  it("THEN each code has an example", () => {
    const shown = [
      ...programs.map(({ block }) => block.heading),
      ...configurations.map(({ heading }) => heading),
    ];
    expect(shown.sort()).toEqual(codesOfPage(PAGE).sort());
  });
});

/** A busy machine takes its time to start an engine. */
const ENGINE_MILLISECONDS = 120_000;
/** Each group of codes hides what comes after it: validation, the plan, the apply. */
const LATER = [
  "PEM_NO_FINAL_NEWLINE",
  "CA_NOT_VALID_NOW",
  "KEY_DERIVATION_COSTLY",
  "KEY_ENCRYPTED",
  "KEY_PASSPHRASE_WRONG",
];
const ENVIRONMENT: Readonly<Record<string, Record<string, string>>> = {
  KEY_DERIVATION_COSTLY: { MAIL_SNI_OWN_KEY_PASSPHRASE: "the passphrase of the key" },
  KEY_PASSPHRASE_WRONG: { MAIL_SNI_OWN_KEY_PASSPHRASE: "the passphrase of something else" },
};
const headings = configurations.map(({ heading }) => heading);
const groups = [headings.filter((code) => !LATER.includes(code)), ...LATER.map((code) => [code])];

describeIf(engineUnderTest, `the configurations of ${PAGE}`, () => {
  let project: Project;
  beforeAll(async () => {
    const provider = await builtProvider();
    project = new Project({ ...(await exampleFiles()), "main.tf.json": mainFile(provider) });
    vendorProvider(project.directory, provider);
    await runEngine(requireEngine(), project.directory, ["init"]);
  }, ENGINE_MILLISECONDS);
  afterAll(() => project.remove());

  it.each(groups.map((codes) => [codes.join(", "), codes] as const))(
    "%s WHEN applied THEN refused, with the message that stands below",
    async (_, codes) => {
      const examples = configurations.filter(({ heading }) => codes.includes(heading));
      writeFileSync(join(project.directory, "examples.tf"), examples.map(({ code }) => code).join("\n"));
      const env = ENVIRONMENT[codes[0] ?? ""];
      const { output } = await runEngine(requireEngine(), project.directory, ["apply", "-auto-approve"], {
        env,
      });
      for (const code of codes)
        expect(comparable(output), code).toContain(comparable(messageFor(blocks, code)));
    },
    ENGINE_MILLISECONDS,
  );
});

function mainFile({ address, version }: { readonly address: string; readonly version: string }): string {
  return JSON.stringify({
    terraform: { required_providers: { mailsni: { source: address, version } } },
    provider: { mailsni: { stack: "mail", hosts: { mx1: { root: "./out/mx1" } } } },
  });
}

function isCode(heading: string): boolean {
  return /^[A-Z]+(_[A-Z]+)+$/.test(heading);
}
