import { existsSync, readdirSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { temporaryFiles } from "../../support/file-tree";
import { HeldLock } from "../../support/held-lock";
import { describeIf } from "../../support/requirements";
import { domainFiles, domainPaths, type ServerCommand, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { type RunOptions, Workspace } from "../../support/workspace";

const { certificate, configuration, link } = domainPaths("a.test");
const STATE_DIRECTORY = "/var/lib/mail-sni";
const RENEWED = "/etc/mail/conf.d/renewed.conf";
const A = "mailsni_host_files.a";

/** Where nothing is killed it does not matter in which process the provider runs. */
const QUICKLY: RunOptions = { provider: "in process" };

describeIf(engineUnderTest, "what is killed", () => {
  let workspace: Workspace;
  let server: StandInServer;
  let pems: Record<"kept" | "old" | "new", string>;
  /** The domain that is created, updated and deleted in turn. */
  const versions = {
    none: () => undefined,
    old: () => domainFiles("a.test", pems.old),
    // Another PEM, and a configuration of another name: one file comes, one goes.
    new: () => {
      const { files, ...rest } = domainFiles("a.test", pems.new);
      const { [configuration]: _old, ...others } = files;
      const text = `serve a.test ${certificate}\nserve renewed.test ${certificate}\n`;
      return { ...rest, files: { ...others, [RENEWED]: { service: "mail", text } } };
    },
  };

  function declare(version: keyof typeof versions): void {
    const a = versions[version]();
    workspace.declare({
      hosts: { mx1: server.host },
      resources: {
        "mailsni_host_files.base": { host: "mx1", role: "base", directories: { "/etc/mail/certs": {} } },
        "mailsni_host_files.kept": domainFiles("kept.test", pems.kept),
        ...(a && { [A]: a }),
      },
    });
  }

  beforeAll(async () => {
    const [kept, old, renewed] = await Promise.all([pemFor("kept.test"), pemFor("a.test"), pemFor("a.test")]);
    pems = { kept, old, new: renewed };
  });

  function inFreshWorkspace(): void {
    beforeAll(async () => {
      workspace = await Workspace.open("vendored");
      server = new StandInServer(workspace.directory);
      declare("none");
      await workspace.mustApply(QUICKLY);
    });
    afterAll(() => workspace.close());
  }

  /** Every file is the old or the new one as a whole, and what is there could be served. */
  function expectUsable(): void {
    if (existsSync(server.path(certificate))) {
      expect([pems.old, pems.new]).toContain(server.read(certificate));
    }
    if (existsSync(server.path(link))) expect(existsSync(server.path(certificate))).toBe(true);
    expect(server.wouldServe).toHaveProperty(["kept.test"]);
    expect(server.read(domainPaths("kept.test").certificate)).toBe(pems.kept);
  }

  /** Either the plan is not empty, or the server has all that is on the host; and then an apply leaves nothing to do. */
  async function expectRecovery(version: keyof typeof versions): Promise<void> {
    const isPending = JSON.stringify(server.served) !== JSON.stringify(server.wouldServe);
    server.forgetJournal();

    const { changes } = await workspace.mustApply(QUICKLY);

    if (isPending) {
      expect(changes).not.toEqual({});
      expect(server.journal).toContain("activate");
    }
    expect(server.served).toEqual(server.wouldServe);
    expect(Object.keys(server.served)).toEqual(names[version]);
    expect(existsSync(server.path(certificate)) && server.read(certificate)).toBe(
      version !== "none" && pems[version],
    );
    expect(existsSync(server.path(link))).toBe(version !== "none");
    expect(existsSync(server.path(configuration))).toBe(version === "old");
    expect(existsSync(server.path(RENEWED))).toBe(version === "new");
    expect(temporaryFiles(server.root)).toEqual([]);
  }

  /** What the run before this one has left is done: only this change is in its plan. */
  function expectAlone(plan: EngineReport, action: string): void {
    expect(plan.changes).toEqual({ [A]: action });
  }

  const names = {
    none: ["kept.test"],
    old: ["a.test", "kept.test"],
    new: ["kept.test", "a.test", "renewed.test"],
  } as const;
  const steps = [
    ["create", "none", "old"],
    ["update", "old", "new"],
    ["delete", "new", "none"],
  ] as const;

  // A check comes when PEMs are in place and configuration is not; a build when all is in place; the question whether
  // it runs and the activation behind that.
  describe.each(["check", "build", "activate"] as const satisfies ServerCommand[])(
    "with the provider, at its %s",
    (point) => {
      inFreshWorkspace();

      it.each(steps)(
        "GIVEN the %s of a domain THEN the host is usable, and the next apply finishes it",
        async (action, before, version) => {
          server.on(point, "kill_provider; exit 1");
          declare(version);

          const killed = await workspace.apply();

          expectAlone(killed, action);
          expect(killed.errors.join()).toMatch(/Plugin did not respond|request was cancelled/);
          expect(Object.keys(server.wouldServe)).toEqual(names[point === "check" ? before : version]);
          expectUsable();
          server.behave();
          await expectRecovery(version);
        },
      );

      it("THEN in the end nothing is left to do", () => expectNothingToDo(workspace, QUICKLY));
    },
  );

  describe("with the engine, as soon as it has started the provider", () => {
    inFreshWorkspace();

    it("THEN no provider stays, and no directory of a socket", async () => {
      for (let round = 0; round < 3; round++) {
        const { process: engine, finished } = workspace.start(["plan"]);
        while (workspace.providers.length === 0) await setTimeout(5);
        engine.kill("SIGKILL");
        await finished;
        await workspace.providersEnded();
      }
      expect(readdirSync(workspace.path("home")).filter((name) => name.startsWith("plugin-"))).toEqual([]);
    });
  });

  describe("with the engine, while the server is told", () => {
    inFreshWorkspace();

    it.each(steps)(
      "GIVEN the %s of a domain THEN what is under way is finished, and the next apply does the rest",
      async (action, _before, version) => {
        server.forgetJournal();
        server.on("activate", "wait_at_gate");
        declare(version);
        const engine = workspace.start(["apply", "-auto-approve"]);
        await server.waiting();

        engine.process.kill("SIGKILL");
        await engine.finished;
        server.behave();
        server.openGate();
        await workspace.providersEnded();

        expect(Object.keys(workspace.state).includes(A)).toBe(action !== "create");
        expectUsable();
        expect(server.served).toEqual(server.wouldServe);
        await expectRecovery(version);
      },
    );

    it("THEN in the end nothing is left to do", () => expectNothingToDo(workspace, QUICKLY));
  });

  describe("with the engine, while its change waits for another run", () => {
    inFreshWorkspace();

    it.each(steps)(
      "GIVEN the %s of a domain THEN it is left out, and the next apply does it",
      async (_action, before, version) => {
        const lock = await HeldLock.of(server.path(STATE_DIRECTORY));
        declare(version);
        const engine = workspace.start(["apply", "-auto-approve"]);
        await lock.waiters(1);

        engine.process.kill("SIGKILL");
        await engine.finished;
        lock.release();
        await workspace.providersEnded();

        expect(Object.keys(server.wouldServe)).toEqual(names[before]);
        expect(server.served).toEqual(server.wouldServe);
        await expectRecovery(version);
      },
    );

    it("THEN in the end nothing is left to do", () => expectNothingToDo(workspace, QUICKLY));
  });

  describe("with both, as when the machine goes down", () => {
    inFreshWorkspace();

    it.each(steps)(
      "GIVEN the %s of a domain THEN the next apply finishes it",
      async (_action, _before, version) => {
        server.forgetJournal();
        server.on("activate", "wait_at_gate; exit 1");
        declare(version);
        const engine = workspace.start(["apply", "-auto-approve"]);
        await server.waiting();
        expect(workspace.providers).toHaveLength(1);

        // The engine first: told of the provider's end, it would write its state, and not in one piece.
        engine.process.kill("SIGKILL");
        await engine.finished;
        for (const pid of workspace.providers) process.kill(pid, "SIGKILL");
        await workspace.providersEnded();
        server.behave();
        server.openGate();

        expectUsable();
        await expectRecovery(version);
      },
    );

    it("THEN in the end nothing is left to do", () => expectNothingToDo(workspace, QUICKLY));
  });

  describe("with a resource that never comes to be", () => {
    inFreshWorkspace();

    it("GIVEN a create that was killed and is not declared any more THEN base brings it to its end", async () => {
      server.on("activate", "kill_provider; exit 1");
      declare("old");
      expect((await workspace.apply()).exitCode).toBe(1);
      server.behave();
      expect(Object.keys(server.wouldServe)).toEqual(["a.test", "kept.test"]);
      expect(Object.keys(server.served)).toEqual(["kept.test"]);

      declare("none");
      const plan = await workspace.plan(QUICKLY);
      expect(plan.changes).toEqual({ "mailsni_host_files.base": "update" });
      expect(plan.output).toContain("mail: a run was interrupted before its files were served");
      await workspace.mustApply(QUICKLY);

      expect(server.served).toEqual(server.wouldServe);
      expect(temporaryFiles(server.root)).toEqual([]);
      await expectNothingToDo(workspace, QUICKLY);
    });
  });
});
