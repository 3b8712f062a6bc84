import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyPlan } from "../../../lib/cli/engine/apply";
import { type Engine, engineOf } from "../../../lib/cli/engine/engine";
import { planStack } from "../../../lib/cli/engine/plan";
import { runEngine } from "../../../lib/cli/engine/run";
import { showPlan } from "../../../lib/cli/engine/show";
import { CdktfProject } from "../support/project";

/** Stand-ins for the engine: what is run, and what becomes of its end. */
describe("runs of an engine", () => {
  let files: CdktfProject;
  let controller: AbortController;
  beforeEach(() => {
    files = new CdktfProject();
    controller = new AbortController();
  });
  afterEach(() => files.remove());

  const engine = (script: string): Engine => engineOf(files.engine(script), {});
  const base = () => ({
    directory: files.stackDirectory("mail"),
    environment: { ...process.env },
    file: join(files.directory, "0.tfplan"),
    signal: controller.signal,
  });
  const plan = (script: string, more: object = {}) =>
    planStack(engine(script), { ...base(), lock: false, ...more });
  const apply = (script: string) => applyPlan(engine(script), { ...base(), lockTimeoutSeconds: 300 });
  const noted = () => readFileSync(join(files.directory, "noted"), "utf8").trim();
  const note = (what: string) => `echo "${what}" > ${files.directory}/noted`;
  const ERROR = `echo '{"diagnostic":{"severity":"error","summary":"No","detail":""},"type":"diagnostic"}'`;

  it("THEN each subcommand has its arguments, in the stack's directory", async () => {
    const { directory, file } = base();
    await plan(note("$(pwd) $*"));
    expect(noted()).toBe(
      `${directory} plan -input=false -no-color -json -detailed-exitcode -lock=false -out=${file}`,
    );
    await plan(note("$*"), { lock: { timeoutSeconds: 60 }, refresh: false });
    expect(noted()).toBe(
      `plan -input=false -no-color -json -detailed-exitcode -lock-timeout=60s -refresh=false -out=${file}`,
    );
    await apply(note("$*"));
    expect(noted()).toBe(`apply -input=false -no-color -json -lock-timeout=300s ${file}`);
    const shown: Buffer[] = [];
    await showPlan(engine('echo "$*"'), { ...base(), sink: (chunk) => shown.push(chunk) });
    expect(Buffer.concat(shown).toString()).toBe(`show -no-color -json ${file}\n`);
  });

  it("GIVEN a plan THEN its file is for this user only, while the mask of this process stays as it was", async () => {
    const before = process.umask();
    const { isSaved, isComplete } = await plan(`touch ${base().file}; ${note("$(umask)")}`);
    expect({ isSaved, isComplete, mask: Number.parseInt(noted(), 8) }).toEqual({
      isSaved: true,
      isComplete: true,
      mask: 0o077,
    });
    expect(process.umask()).toBe(before);
  });

  it("GIVEN a plan without changes THEN it is empty, AND one with changes is not, and is complete", async () => {
    expect(await plan("exit 0")).toMatchObject({ isComplete: true, isEmpty: true });
    expect(await plan("exit 2")).toMatchObject({ isComplete: true, isEmpty: false });
    expect(await plan(`${ERROR}; exit 1`)).toMatchObject({ isComplete: false, isEmpty: false });
    await expect(apply("exit 2")).rejects.toMatchObject({ code: "CLI_ENGINE_FAILED" });
  });

  it("GIVEN an error as a diagnostic THEN the run is not complete; GIVEN one without THEN it is thrown", async () => {
    expect(await plan(`${ERROR}; exit 1`)).toMatchObject({
      isComplete: false,
      isInterrupted: false,
      isSaved: false,
      diagnostics: [{ summary: "No" }],
    });
    await expect(apply("echo 'Error: no such flag' >&2; exit 1")).rejects.toMatchObject({
      code: "CLI_ENGINE_FAILED",
      message: expect.stringContaining("apply failed in "),
    });
    await expect(showPlan(engine("exit 1"), { ...base(), sink: () => {} })).rejects.toMatchObject({
      code: "CLI_ENGINE_FAILED",
    });
  });

  it.each([
    ["TF_LOG alone", { TF_LOG: "trace", TF_LOG_PROVIDER: "trace", TF_LOG_PATH: "" }, "none none"],
    ["TF_LOG and TF_LOG_PATH", { TF_LOG: "trace", TF_LOG_PATH: "/tmp/log" }, "trace none"],
  ])(
    "GIVEN %s THEN no log reaches standard error, where values of the state would be",
    async (_, set, said) => {
      const environment = { ...process.env, ...set };
      await plan(note("${TF_LOG:-none} ${TF_LOG_PROVIDER:-none}"), { environment });
      expect(noted()).toBe(said);
    },
  );

  it("GIVEN an interruption THEN the engine hears it once, ends in order, and what it says is there", async () => {
    const script = `heard() { echo heard >> ${files.directory}/noted; ${ERROR}; exit 1; }; trap heard INT; echo > ${files.directory}/ready; while :; do sleep 0.05; done`;
    const running = apply(script);
    while (!existsSync(join(files.directory, "ready"))) await setTimeout(10);
    controller.abort();
    expect(await running).toMatchObject({
      isComplete: false,
      isInterrupted: true,
      diagnostics: [{ severity: "error" }],
    });
    expect(noted()).toBe("heard");
  });

  it("GIVEN an engine that does not end when it is interrupted THEN it is killed", async () => {
    const script = `trap '' INT; echo > ${files.directory}/ready; while :; do sleep 0.05; done`;
    const { file: _, ...options } = base();
    const running = runEngine(engine(script), {
      ...options,
      args: ["apply"],
      deadlineMs: 60_000,
      sink: () => {},
      graceMs: 100,
    });
    while (!existsSync(join(files.directory, "ready"))) await setTimeout(10);
    controller.abort();
    await expect(running).rejects.toMatchObject({
      code: "CLI_ENGINE_FAILED",
      message: expect.stringContaining("was interrupted, and did not end within 0.1 seconds after that"),
    });
  });

  it("GIVEN a plan that takes too long THEN the engine ends in order, and that is thrown", async () => {
    const script = `trap '${note("heard")}; exit 1' INT; while :; do sleep 0.05; done`;
    await expect(plan(script, { deadlineMs: 500 })).rejects.toMatchObject({
      message: expect.stringContaining("plan failed in "),
      problem: expect.stringContaining("took longer than 0.5 seconds"),
    });
    expect(noted()).toBe("heard");
  });

  it("GIVEN a signal that was aborted before THEN the engine is not started", async () => {
    controller.abort();
    expect(await plan(note("started"))).toMatchObject({ isInterrupted: true, isComplete: false });
    expect(existsSync(join(files.directory, "noted"))).toBe(false);
  });

  it("GIVEN a sink that throws THEN the engine is ended and that is thrown", async () => {
    const broken = new RangeError("not a plan");
    const sink = () => {
      throw broken;
    };
    await expect(showPlan(engine("yes"), { ...base(), sink })).rejects.toBe(broken);
  });
});
