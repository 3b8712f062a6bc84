import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostSettings } from "../../../../lib/provider/host/desired/host-settings";
import { Hosts } from "../../../../lib/provider/host/hosts";
import { hostJob } from "../../../../lib/provider/resources/host-job";
import { ResourceLifecycle, type Values } from "../../../support/resource-lifecycle";
import { TestHost } from "../../host/support/test-host";

const RESULT = "/var/lib/program/result";
const [LEAF, RENEWED] = ["a".repeat(64), "b".repeat(64)];
const NOT_AFTER = "2027-01-31T12:00:00Z";
const ok = (name: string, leaf = LEAF) => `row\t${name}\tok\t${NOT_AFTER}\t${leaf}\t`;

let on: TestHost;
const opened: Hosts[] = [];
beforeEach(() => {
  on = new TestHost();
  tells({ rows: [ok("a.test")] });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await on.remove();
});

function hosts(settings: Partial<HostSettings> = {}, name = "mx1"): Hosts {
  const configured = new Hosts("stack", new Map([[name, { ...on.settings, ...settings, name }]]));
  opened.push(configured);
  return configured;
}

/** What the program does: writes the rows, if there are any, and ends with the status. */
function tells({
  rows,
  status = 0,
  seconds = 0,
}: {
  rows?: string[];
  status?: number;
  seconds?: number;
}): void {
  const write =
    rows === undefined
      ? ""
      : `
    {
      printf 'mail-sni-job-result\\t1\\n'
      cat '${join(on.control, "rows")}'
      printf 'end\\t${status}\\t%s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    } >'${on.at(RESULT)}'`;
  on.write(
    "/var/lib/program/program",
    `echo ran >>'${join(on.control, "runs")}'; sleep ${seconds}; echo words; ${write}\nexit ${status}\n`,
  );
  writeFileSync(join(on.control, "rows"), (rows ?? []).map((row) => `${row}\n`).join(""));
}

const runs = () => {
  const log = join(on.control, "runs");
  return existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0;
};

const config = (parts: Values = {}): Values => ({
  host: "mx1",
  command: ["sh", on.at("/var/lib/program/program")],
  trigger: "1",
  result_file: RESULT,
  ...parts,
});

const job = (provider = hosts()) => new ResourceLifecycle(hostJob(), provider);

describe("mailsni_host_job", () => {
  it("WHEN it is created THEN the job runs once, its rows are in the state, and the plan is empty until the trigger changes", async () => {
    const it = job();
    const { state, diagnostics } = await it.apply(config());
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({ exit_status: 0, pending: null });
    expect(state?.results).toEqual({
      "a.test": { status: "ok", not_after: NOT_AFTER, fingerprint_sha256: LEAF, message: null },
    });
    expect((await it.read()).state).toEqual(state);
    expect((await it.plan(config())).action).toBe("no-op");
    expect(runs()).toBe(1);

    const changed = await it.plan(config({ trigger: "2" }));
    expect(new Set(changed.unknown)).toEqual(new Set(["exit_status", "finished_at", "pending", "results"]));
    expect((await it.apply(config({ trigger: "2" }))).diagnostics).toEqual([]);
    expect(runs()).toBe(2);
  });

  it("GIVEN a renewal on the host itself THEN a refresh shows it, and the plan is empty", async () => {
    const it = job();
    await it.apply(config());
    tells({ rows: [ok("a.test", RENEWED)] });
    expect(spawnSync("sh", [on.at("/var/lib/program/program")]).status).toBe(0);
    const { state, diagnostics } = await it.read();
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({ pending: null, results: { "a.test": { fingerprint_sha256: RENEWED } } });
    expect((await it.plan(config())).action).toBe("no-op");
  });

  it("GIVEN rows that fail THEN each is a warning, the others are taken, and each apply runs it again until they succeed", async () => {
    const it = job();
    tells({
      rows: [ok("a.test"), "row\tb.test\tfailed\t-\t-\tno \u202eanswer", "row\tc.test\tpending\t-\t-\t"],
      status: 1,
    });
    const { state, diagnostics } = await it.apply(config());
    expect(diagnostics).toEqual([
      expect.stringMatching(/^warning b\.test has failed in the job on host "mx1": no \\u202eanswer\. /),
      expect.stringMatching(/^warning c\.test is pending in the job on host "mx1": /),
    ]);
    expect(state).toMatchObject({ exit_status: 1, pending: "the job has not succeeded for b.test, c.test" });
    expect((await it.read()).state).toEqual(state);
    expect((await it.plan(config())).action).toBe("update");
    tells({ rows: [ok("a.test"), ok("b.test"), ok("c.test")] });
    expect(await it.apply(config())).toMatchObject({
      diagnostics: [],
      state: { pending: null, exit_status: 0 },
    });
    expect(runs()).toBe(2);
    expect((await it.plan(config())).action).toBe("no-op");
  });

  it.each([
    ["ends with an exit status and no result", { status: 3 }, "the job has ended with exit status 3"],
    ["writes no result", {}, `the job has not written ${RESULT}`],
    ["writes what is no result", { rows: ["row\tx"] }, `${RESULT} cannot be read: line 2: `],
  ])(
    "GIVEN it %s THEN the create fails with what it printed, and the next one runs it again",
    async (_, does, words) => {
      tells(does);
      const it = job();
      const { state, diagnostics } = await it.apply(config());
      expect(state).toBeNull();
      expect(diagnostics).toEqual([expect.stringMatching(/^error The job on host "mx1" has failed: /)]);
      expect(diagnostics[0]).toContain(words);
      expect(diagnostics[0]).toContain("It printed last:\nwords");
      tells({ rows: [ok("a.test")] });
      expect((await it.apply(config())).diagnostics).toEqual([]);
      expect(runs()).toBe(2);
    },
  );

  it("GIVEN an update that fails THEN the state says so, with the earlier rows", async () => {
    const it = job();
    await it.apply(config());
    tells({ status: 4 });
    const { state, diagnostics } = await it.apply(config({ trigger: "2" }));
    expect(diagnostics).toHaveLength(1);
    expect(state).toMatchObject({
      trigger: "2",
      pending: "the job has ended with exit status 4",
      exit_status: 4,
    });
    expect(state?.results).toHaveProperty(["a.test"]);
    expect((await it.plan(config({ trigger: "2" }))).action).toBe("update");
  });

  it("GIVEN a result of an earlier run THEN it is not taken", async () => {
    tells({});
    on.write(RESULT, `mail-sni-job-result\t1\n${ok("a.test")}\nend\t0\t2026-01-31T12:00:00Z\n`);
    const { state, diagnostics } = await job().apply(config());
    expect(state).toBeNull();
    expect(diagnostics).toEqual([expect.stringContaining(`${RESULT} is older than the job. Fix`)]);
  });

  it("GIVEN what its rows are presented for THEN the host has to present it by the newest result, unless the plan runs the job", async () => {
    const certificates = {
      "a.test": { names: ["a.test", "b.test"], services: ["served"], is_default: true },
      "not-ok.test": { names: ["x.test"], services: ["served"], is_default: null },
    };
    const provider = hosts();
    const it = job(provider);
    await it.apply(config({ certificates }));
    tells({ rows: [ok("a.test", RENEWED), "row\tnot-ok.test\tok\t-\t-\t"] });
    spawnSync("sh", [on.at("/var/lib/program/program")]);
    await it.read();
    const { installed } = provider.find("mx1") ?? {};
    const leaves = { served: RENEWED };
    const names = ["a.test", "b.test"];
    expect(installed?.settled).toEqual([
      { isDefault: true, names, leaves },
      { isDefault: false, names, leaves },
    ]);
    await it.plan(config({ certificates }));
    expect(installed?.settled).toHaveLength(2);
    await it.plan(config({ certificates, trigger: "2" }));
    expect(installed?.settled).toEqual([]);

    const { "a.test": only } = certificates;
    const before = runs();
    const { diagnostics } = await it.apply(config({ certificates: { "a.test": only } }));
    expect({ diagnostics, runs: runs() }).toEqual({ diagnostics: [], runs: before });
  });

  it("GIVEN no result file THEN the exit status alone counts", async () => {
    tells({});
    const it = job();
    const { state } = await it.apply(config({ result_file: null }));
    expect(state).toMatchObject({ exit_status: 0, results: null, pending: null });
    expect((await it.read()).state).toEqual(state);
  });

  it("GIVEN the host no longer knows the job THEN the plan creates it again", async () => {
    const it = job();
    await it.apply(config());
    rmSync(on.at("/var/lib/mail-sni/jobs"), { recursive: true });
    expect((await it.read()).state).toBeNull();
  });

  it.each([
    ["a ledger that cannot be read", "ledger", "No-Kind\tof line\t.\n"],
    ["a job whose record is garbled", "run", "\u001b[2J ".repeat(1000)],
  ])(
    "GIVEN %s THEN that is an error; where a warning is enough, the known state is kept",
    async (_, name, text) => {
      const it = job();
      await it.apply(config());
      const path = name === "run" ? `jobs/${String(it.state?.id)}/run` : name;
      on.write(`/var/lib/mail-sni/${path}`, text);
      const [strict, lenient] = [job(), job(hosts({ onUnreachable: "warn" }))];
      for (const one of [strict, lenient]) Object.assign(one, { state: it.state, private: it.private });
      expect((await strict.read()).diagnostics.join()).toMatch(/^error /);
      expect((await lenient.read()).diagnostics).toEqual([
        expect.stringMatching(/^warning Host "mx1" cannot be checked: its last known state is used/),
      ]);
      expect(lenient.state).toEqual(it.state);
    },
  );

  it("WHEN it is destroyed THEN nothing of it stays on the host but what it has written", async () => {
    const it = job();
    await it.apply(config());
    expect(await it.destroy()).toEqual([]);
    expect(on.has("/var/lib/mail-sni/jobs")).toBe(false);
    expect(on.has(RESULT)).toBe(true);
  });

  it("GIVEN another command THEN the job of the former one is removed", async () => {
    const it = job();
    const first = (await it.apply(config())).state?.id;
    const second = (await it.apply(config({ command: ["sh", on.at("/var/lib/program/program"), "x"] }))).state
      ?.id;
    expect(first).not.toBe(second);
    expect(on.has(`/var/lib/mail-sni/jobs/${String(second)}`)).toBe(true);
    expect(on.has(`/var/lib/mail-sni/jobs/${String(first)}`)).toBe(false);
  });

  it("GIVEN a host that is renamed THEN the job does not run again", async () => {
    const it = job();
    await it.apply(config());
    const renamed = job(hosts({}, "mx9"));
    renamed.state = it.state;
    renamed.private = it.private;
    expect((await renamed.apply(config({ host: "mx9" }))).diagnostics).toEqual([]);
    expect(renamed.state).toMatchObject({ host: "mx9", pending: null });
    expect(runs()).toBe(1);
  });

  it("GIVEN a host on which no commands run THEN the job does not either, and a warning says so", async () => {
    const it = job(hosts({ applyOwnership: false }));
    const { state, diagnostics } = await it.apply(config());
    expect(diagnostics).toEqual([expect.stringMatching(/^warning The job on host "mx1" is not run: /)]);
    expect(state).toMatchObject({ exit_status: null, pending: null, results: {} });
    expect((await it.read()).state).toEqual(state);
    expect((await it.plan(config())).action).toBe("no-op");
    expect(await it.destroy()).toEqual([]);
    expect(runs()).toBe(0);
  });

  it.each([
    ["no program", { command: [] }, "Command without a program"],
    ["an argument with a NUL", { command: ["a", "b\0"] }, "Text with a NUL character"],
    ["a relative result file", { result_file: "result" }, "Not a valid file path"],
  ])("GIVEN %s THEN it is refused in the plan", async (_, wrong, summary) => {
    const { diagnostics } = await job().plan(config(wrong));
    expect(diagnostics).toEqual([expect.stringContaining(`error ${summary}: `)]);
  });
});
