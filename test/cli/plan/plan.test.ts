import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { CdktfProject } from "../support/project";
import { ran } from "../support/ran";

/** What `show -json` writes of a plan that creates one resource. */
const PLAN = JSON.stringify({
  format_version: "1.2",
  terraform_version: "1.11.4",
  resource_changes: [
    {
      address: "terraform_data.hook",
      mode: "managed",
      type: "terraform_data",
      name: "hook",
      provider_name: "terraform.io/builtin/terraform",
      change: {
        actions: ["create"],
        before: null,
        after: { input: "a secret" },
        after_unknown: { id: true },
      },
    },
  ],
  errored: false,
  complete: true,
});

/** What a terminal takes for an empty line in place of the present one. */
const REPLACE = "\r\u001b[K";

/** Plans every stack but `broken`. */
const ENGINE = `case "$PWD:$1" in
*/broken:plan)
  echo '{"@level":"error","type":"diagnostic","diagnostic":{"severity":"error","summary":"No access","detail":"to the state"}}'
  exit 1 ;;
*:plan) for last in "$@"; do case $last in -out=*) : > "\${last#-out=}" ;; esac; done; echo "$MAIL_SNI_ON_UNREACHABLE $*" >> ../../../arguments ;;
*:show) cat ../../../plan.json ;;
esac`;

describe("mail-sni plan", () => {
  let files: CdktfProject;
  beforeEach(() => {
    files = new CdktfProject({ mail: "", broken: "" });
    files.write("plan.json", PLAN);
  });
  afterEach(() => files.remove());

  const plan = (...more: string[]) =>
    ran(["plan", "--project", files.directory, "--engine", files.engine(ENGINE), ...more], {
      environment: { PATH: process.env.PATH },
    });

  it("GIVEN a stack that cannot be planned THEN it is shown as such, the other one too, and 2", async () => {
    const { exitCode, out } = await plan("--detailed-exitcode");
    expect(out).toContain(
      "additions  Resources of other providers, whose contents are not shown here, created: terraform_data.hook.",
    );
    expect(out).toContain(
      `  broken  needed  not planned: No access, in ${files.stackDirectory("broken")}.\n`,
    );
    expect(out).toMatch(/^ {2}mail {4}needed {2}1 change, additions$/m);
    expect(out).toMatch(/error .* No access: to the state/);
    expect(out).not.toContain("a secret");
    expect(exitCode).toBe(2);
  });

  it("GIVEN a terminal THEN a line there says which stack is planned, and is gone by the end; elsewhere there is none", async () => {
    const args = ["plan", "--project", files.directory, "--engine", files.engine(ENGINE), "--stack", "mail"];
    const environment = { PATH: process.env.PATH };
    const { out, err } = await ran(args, { isTTY: true, environment });
    const [before, first, ...others] = err.split(REPLACE);
    expect([before, first, others.at(-1)]).toEqual(["", "Plan of stack mail (1 of 1): 0 s", ""]);
    expect(out).not.toContain("1 of 1");
    expect((await ran(args, { environment })).err).toBe("");
    expect((await ran(args, { isTTY: true, environment: { ...environment, CI: "true" } })).err).toBe("");
  });

  it("GIVEN a terminal and a stack that fails THEN the error has a line of its own", async () => {
    const args = ["plan", "--saved", `mail=${files.write("saved.json", "no plan")}`];
    const { err } = await ran(args, { isTTY: true });
    expect(err.split(REPLACE).at(-1)).toMatch(/^mail-sni: The plan of stack mail .*\[CLI_PLAN_INVALID\]\n$/);
  });

  it("GIVEN changes THEN 0, and 3 with --detailed-exitcode", async () => {
    expect((await plan("--stack", "mail")).exitCode).toBe(0);
    expect((await plan("--stack", "mail", "--detailed-exitcode")).exitCode).toBe(3);
  });

  it("THEN the state is not locked, and an unreachable host is a warning unless the environment says otherwise", async () => {
    await plan("--stack", "mail", "--no-refresh");
    const said = readFileSync(`${files.directory}/arguments`, "utf8");
    expect(said).toMatch(/^warn plan .*-lock=false.* -refresh=false/);
  });

  it("GIVEN a saved plan as JSON THEN only that stack is reported, and no engine is run", async () => {
    const saved = `mail=${files.write("saved.json", PLAN)}`;
    const { exitCode, out } = await ran(["plan", "--saved", saved, "--engine", "/nowhere"]);
    expect(out).toContain("terraform_data.hook");
    expect(out).not.toContain("broken");
    expect(exitCode).toBe(0);
  });

  it.each([
    ["a state", '{"format_version":"1.0","terraform_version":"1.11.4","values":{}}'],
    ["no JSON", "plan"],
    ["nothing", ""],
    ["a plan that is cut off", PLAN.slice(0, -40)],
  ])("GIVEN %s as a saved plan THEN it is refused, and not taken for an empty plan", async (_, text) => {
    const { exitCode, out, err } = await ran(["plan", "--saved", `mail=${files.write("saved.json", text)}`]);
    expect(err).toContain("[CLI_PLAN_INVALID]");
    expect(out).toContain("Risk: danger.");
    expect(exitCode).toBe(2);
  });

  it("GIVEN a stack of the target branch that is gone THEN the report says that nothing destroys it", async () => {
    files.writeTable({ mail: [], old: [] });
    const base = files.write("base.json", readFileSync(`${files.directory}/sni-table.json`, "utf8"));
    files.writeTable({ mail: [] });
    const { exitCode, out } = await plan("--base-table", base);
    expect(out).toMatch(/^ {2}old +needed {2}not planned: The project no longer has this stack/m);
    expect(exitCode).toBe(2);
  });

  it.each([
    ["--saved", "mail"],
    ["--saved", "=file"],
    ["--saved", "mail=one.json", "--saved", "mail=two.json"],
    ["--saved", "mail=-", "--saved", "backup=-"],
    ["--limit", "12"],
    ["--base-table", "/nowhere"],
  ])("GIVEN %s %s THEN it is refused, and nothing is planned", async (...options) => {
    const { exitCode, out, err } = await plan(...options);
    expect(err).toMatch(/\[CLI_(OPTION|TABLE_MISSING)\]/);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  });

  it.each([
    ["no table", "/nowhere"],
    ["an empty file instead of the table", "/dev/null"],
  ])("GIVEN %s of the target branch THEN the error says how to write it", async (_, file) => {
    const { err } = await plan("--base-table", file);
    expect(err).toContain(file);
    expect(err).toContain("git show origin/main:sni-table.json");
    expect(err).not.toMatch(/mail-sni verify|cdktf synth/);
  });

  it("GIVEN two reports in one file, or one that cannot be written THEN it is refused before anything is planned", async () => {
    const file = `${files.directory}/report`;
    expect((await plan("--markdown", file, "--html", file)).err).toContain("[CLI_OPTION]");
    expect((await plan("--markdown", "/nowhere/report")).err).toContain("[CLI_FILE_UNWRITABLE]");
  });

  it("GIVEN hostile names of stacks THEN what is printed is plain", async () => {
    const { out, err } = await ran(["plan", "--saved", `${HOSTILE_WORDS}=/nowhere`]);
    expect(out + err).toContain("Apply complete!");
    expect(isPlain(out + err)).toBe(true);
  });
});
