import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { killAll } from "../../support/processes";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { Workspace } from "../../support/workspace";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000 });

const ADDRESS = "mailsni_host_job.renewal";
const RESULT = "/var/lib/program/result";
const LEAF = "ab".repeat(32);
const ok = (name: string, leaf = LEAF) => `row\t${name}\tok\t2027-01-31T12:00:00Z\t${leaf}\t`;

describeIf([engineUnderTest, sshd], "a job on a host by ssh", () => {
  let workspace: Workspace;
  let far: SshStandIn;
  let control: string;
  let trigger = 0;

  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    far = await SshStandIn.start();
    control = join(far.directory, "control");
    mkdirSync(far.server.path("/var/lib/program"), { recursive: true });
    mkdirSync(control);
  });
  afterEach(async () => {
    declareNothing();
    rmSync(join(control, "wait"), { force: true });
    await workspace.mustApply();
    rmSync(join(control, "runs"), { force: true });
  });
  afterAll(async () => {
    await far?.stop();
    await workspace?.close();
  });

  const declareNothing = () => workspace.declare({ hosts: { mx1: far.host }, resources: {} });

  /** The program runs as long as there is a file `wait`. */
  function declare(command: readonly string[] = ["sh", join(control, "program")]): void {
    trigger += 1;
    const job = { host: "mx1", command, trigger: String(trigger), result_file: RESULT };
    workspace.declare({ hosts: { mx1: far.host }, resources: { [ADDRESS]: job } });
  }

  function tells({ rows = [ok("a.test")], status = 0 }: { rows?: string[]; status?: number } = {}): void {
    writeFileSync(join(control, "rows"), rows.map((row) => `${row}\n`).join(""));
    writeFileSync(
      join(control, "program"),
      `echo ran >>${control}/runs
       while [ -e ${control}/wait ]; do sleep 0.05; done
       { printf 'mail-sni-job-result\\t1\\n'; cat ${control}/rows; printf 'end\\t${status}\\t%s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"; } >${far.server.path(RESULT)}
       exit ${status}\n`,
    );
  }

  const runs = () =>
    existsSync(join(control, "runs"))
      ? readFileSync(join(control, "runs"), "utf8").split("\n").length - 1
      : 0;
  const wait = () => writeFileSync(join(control, "wait"), "");
  const goOn = () => rmSync(join(control, "wait"));
  const state = () => workspace.state[ADDRESS] as { pending: string | null; results: Record<string, object> };

  /** An apply whose job waits. */
  async function begun() {
    const before = runs();
    wait();
    const engine = workspace.start(["apply", "-auto-approve"]);
    while (runs() === before) await delay(20);
    return engine;
  }

  it("GIVEN the apply is killed in the middle THEN the job goes on, and the next apply waits for it and starts none", async () => {
    tells();
    declare();
    const engine = await begun();
    killAll([engine.process.pid as number, ...workspace.providers]);
    await engine.finished;
    await workspace.providersEnded();
    const next = workspace.start(["apply", "-auto-approve"]);
    await delay(1500);
    goOn();
    const { exitCode, output } = await next.finished;
    expect(exitCode, output).toBe(0);
    expect(runs()).toBe(1);
    expect(state()).toMatchObject({
      pending: null,
      results: { "a.test": { status: "ok", fingerprint_sha256: LEAF } },
    });
    await expectNothingToDo(workspace);
  });

  it("GIVEN the apply is killed, and the job has succeeded meanwhile THEN the next apply takes its result", async () => {
    tells();
    declare();
    const engine = await begun();
    killAll([engine.process.pid as number, ...workspace.providers]);
    await engine.finished;
    goOn();
    while (!existsSync(far.server.path(RESULT))) await delay(20);
    await workspace.mustApply();
    expect(runs()).toBe(1);
    await expectNothingToDo(workspace);
  });

  it("GIVEN Ctrl-C THEN the apply ends and says that the job goes on, and the next one waits for it", async () => {
    tells();
    declare();
    const engine = await begun();
    engine.process.kill("SIGINT");
    const { exitCode, output } = await engine.finished;
    expect(exitCode).toBe(1);
    expect(output.replace(/\s+/g, " ")).toContain('The job on host "mx1" continues without this apply');
    goOn();
    await workspace.mustApply();
    expect(runs()).toBe(1);
  });

  it("GIVEN the connection is cut THEN the same apply connects again and waits on", async () => {
    tells();
    declare();
    const engine = await begun();
    for (let cut = 0; cut < 3; cut++) {
      await delay(500);
      killAll(far.ssh.connections);
    }
    goOn();
    const { exitCode, output } = await engine.finished;
    expect(exitCode, output).toBe(0);
    expect(runs()).toBe(1);
  });

  it("GIVEN the host is restarted THEN the apply says so, and the next one starts the job again", async () => {
    tells();
    declare();
    await workspace.mustApply();
    expect(runs()).toBe(1);
    declare();
    const engine = await begun();
    const [id] = [...(workspace.stateText.match(/"id": "([0-9a-f]{16})"/) ?? [])].slice(1);
    const [leader] = readFileSync(far.server.path(`/var/lib/mail-sni/jobs/${id}/process`), "utf8").split(" ");
    spawnSync("pkill", ["-KILL", "-s", leader as string]);
    const { exitCode, output } = await engine.finished;
    expect(exitCode).toBe(1);
    expect(output.replace(/\s+/g, " ")).toMatch(
      /The job on host "mx1" has failed .* the job ended without a result: it was killed, or the host was restarted/,
    );
    goOn();
    const plan = await workspace.plan();
    expect(plan.changes).toEqual({ [ADDRESS]: "update" });
    await workspace.mustApply();
    expect(runs()).toBe(3);
    await expectNothingToDo(workspace);
  });

  it("GIVEN rows that fail THEN they are warnings, the plan is not empty, and it is when a run of the host itself succeeds", async () => {
    tells({ rows: [ok("a.test"), "row\tb.test\tfailed\t-\t-\tthe CA refused it"], status: 1 });
    declare();
    const { warnings } = await workspace.mustApply();
    expect(warnings).toEqual([
      expect.stringMatching(/^Warning: b\.test has failed in the job on host "mx1" .* the CA refused it\./),
    ]);
    expect(state().pending).toBe("the job has not succeeded for b.test");
    expect((await workspace.plan()).changes).toEqual({ [ADDRESS]: "update" });
    tells({ rows: [ok("a.test", "cd".repeat(32)), ok("b.test")] });
    expect(spawnSync("sh", [join(control, "program")]).status).toBe(0);
    await expectNothingToDo(workspace);
    tells({ rows: [ok("a.test", "ef".repeat(32)), ok("b.test")] });
    spawnSync("sh", [join(control, "program")]);
    await expectNothingToDo(workspace);
  });

  it("GIVEN a result that is hostile THEN nothing of it is taken, and what is printed is harmless", async () => {
    tells({ rows: [`row\t\u001b]0;owned\u0007\tok\t-\t-\t`, ok("a.test")] });
    declare();
    const { exitCode, output } = await workspace.apply();
    expect(exitCode).toBe(1);
    expect(output).toContain("\\u001b]0;owned");
    expect(output).not.toMatch(/\p{Cc}(?<!\n)/u);
    tells();
    await workspace.mustApply();
    expect(runs()).toBe(2);
  });

  it("WHEN it is destroyed while it runs THEN the destroy waits, and leaves nothing but what it has written", async () => {
    tells();
    declare();
    await workspace.mustApply();
    declare();
    const engine = await begun();
    engine.process.kill("SIGINT");
    await engine.finished;
    declareNothing();
    const destroy = workspace.start(["apply", "-auto-approve"]);
    await delay(1500);
    expect(existsSync(far.server.path("/var/lib/mail-sni/jobs"))).toBe(true);
    goOn();
    const { exitCode, output } = await destroy.finished;
    expect(exitCode, output).toBe(0);
    expect(existsSync(far.server.path("/var/lib/mail-sni/jobs"))).toBe(false);
    expect(existsSync(far.server.path(RESULT))).toBe(true);
  });
});
