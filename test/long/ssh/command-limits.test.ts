import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Call, Session } from "../../../lib/shared/transport/session";
import { SshConnection } from "../../../lib/shared/transport/ssh/connection";
import { SshTransport } from "../../../lib/shared/transport/ssh/transport";
import { SHELLS, ShellTransport, withSession } from "../../provider/host/support/shells";
import { killAll, processesIn } from "../../support/processes";
import { describeIf, sshd } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";

/** Far more than the limits of the commands, for a machine that is busy. */
const POLLING = { timeout: 60_000, interval: 100 };
vi.setConfig({ testTimeout: 90_000 });

const FOREVER = "while :; do sleep 1; done";
const DEAF = "trap '' HUP INT QUIT TERM; touch deaf;";

/** What ignores the SIGTERM of timeout(1). */
const HUNG: Readonly<Record<string, string>> = {
  "the command": `${DEAF} ${FOREVER}`,
  "a child in the background": `(${DEAF} ${FOREVER}) & ${FOREVER}`,
  "a child that the command waits for": `sh -c "${DEAF} ${FOREVER}"; true`,
  "a child that has closed its output": `(${DEAF} ${FOREVER}) >&- 2>&- & ${FOREVER}`,
};

/** Each way to run a command. */
const VERBS: readonly ((directory: string, seconds: string, command: readonly string[]) => Call)[] = [
  ...["all", "errors", "answer", "private"].map(
    (output) =>
      (directory: string, seconds: string, command: readonly string[]): Call => [
        "run",
        directory,
        seconds,
        output,
        ...command,
      ],
  ),
  (_, seconds, command) => ["ask", seconds, "1000", ...command],
];

/** A command, and the directory in which all of its processes work. */
class HungCommand {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "mail-sni-limits-")));
  readonly words: readonly string[];

  constructor(readonly script: string) {
    this.words = ["sh", "-c", `cd "$1" || exit; ${script}`, "sh", this.directory];
    onTestFinished(() => {
      killAll(this.left);
      rmSync(this.directory, { recursive: true });
    });
  }

  get left(): readonly number[] {
    return processesIn(this.directory);
  }

  /** Resolves when it ignores signals. */
  async hangs(): Promise<void> {
    await vi.waitUntil(() => existsSync(join(this.directory, "deaf")), POLLING);
  }

  async isGone(): Promise<void> {
    await vi.waitFor(() => expect(this.left, this.script).toEqual([]), POLLING);
  }
}

/** Runs each of them by each verb, all at the same time. */
function hungByEachVerb(use: (hung: HungCommand, call: (typeof VERBS)[number]) => Promise<void>) {
  return Promise.all(
    Object.values(HUNG).flatMap((script) => VERBS.map((call) => use(new HungCommand(script), call))),
  );
}

describe("a command that hangs, and of which something ignores SIGTERM", () => {
  it("THEN nothing is left after its limit, whatever ignores it, AND the session goes on", async () => {
    await hungByEachVerb((hung, callOf) =>
      withSession(async (session) => {
        await session.call(...callOf(hung.directory, "2", hung.words));
        await hung.hangs();
        await hung.isGone();
        expect((await session.call("clock")).status).toBe(0);
      }),
    );
  });

  it.each(SHELLS.map((shell) => [shell[0], shell] as const))(
    "GIVEN the shell is killed meanwhile, %s, THEN nothing is left after its limit",
    async (_, shell) => {
      const scripts = Object.values(HUNG).map((script) => new HungCommand(script));
      await Promise.all(
        scripts.map(async (hung) => {
          const transport = new ShellTransport(shell);
          const session = await transport.open(60_000);
          await lostIn(session, ["run", hung.directory, "3", "all", ...hung.words], async () => {
            await hung.hangs();
            transport.kill();
          });
          await hung.isGone();
        }),
      );
    },
  );

  it("GIVEN the time of the shell is up first THEN nothing is left after the limit of the command", async () => {
    await hungByEachVerb(async (hung, callOf) => {
      const session = await new ShellTransport().open(2_000);
      await lostIn(session, callOf(hung.directory, "4", hung.words), () => hung.hangs());
      await hung.isGone();
    });
  });
});

describeIf(sshd, "a command that hangs behind SSH, and of which something ignores SIGTERM", () => {
  it("GIVEN the connection drops THEN nothing is left after its limit, whatever ignores it", async () => {
    const server = await SshServer.start({ config: ["MaxSessions 30"] });
    onTestFinished(() => server.stop());
    const connection = new SshConnection(server.settings());
    onTestFinished(() => connection.close());
    const all: HungCommand[] = [];
    let isCut: Promise<void> | undefined;
    await hungByEachVerb(async (hung, callOf) => {
      all.push(hung);
      const session = await new SshTransport(connection).open(60_000);
      await lostIn(session, callOf(hung.directory, "5", hung.words), async () => {
        await Promise.all(all.map((each) => each.hangs()));
        isCut ??= server.kill();
        await isCut;
      });
      await hung.isGone();
    });
  });
});

/** Makes a call, and has the session end before the answer. */
async function lostIn(session: Session, call: Call, meanwhile: () => Promise<void>): Promise<void> {
  const answer = session.call(...call);
  const lost = expect(answer).rejects.toThrow();
  await meanwhile();
  await lost;
  await session.close();
}

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))(
  "a command with a limit, by %s",
  (_, shell) => {
    const answerTo = (call: Call) =>
      withSession((session) => session.call(...call), new ShellTransport(shell));
    const command = (script: string) => new HungCommand(script);

    it("GIVEN it obeys SIGTERM THEN it ends with 124, and with its own output alone", async () => {
      const hung = command("echo words; exec sleep 600");
      expect(await answerTo(["run", hung.directory, "1", "all", ...hung.words])).toEqual({
        status: 124,
        output: "words\n",
      });
      expect(hung.left).toEqual([]);
    });

    it("GIVEN it ends in time THEN its status and its output are as they are", async () => {
      const { directory } = command("");
      const run = (...command: string[]) => answerTo(["run", directory, "60", "all", ...command]);
      expect(await run("sh", "-c", "echo out; echo err >&2; exit 3")).toEqual({
        status: 3,
        output: "out\nerr\n",
      });
      expect(await run("sh", "-c", "kill -9 $$")).toMatchObject({ status: 137 });
      expect(await run("/no/such/command")).toEqual({
        status: 127,
        output: expect.stringContaining("/no/such/command"),
      });
      const said = await answerTo(["ask", "60", "1000", "sh", "-c", "echo out; echo err >&2; exit 3"]);
      expect(said).toEqual({ status: 0, output: "out\n\n3\n" });
    });

    it("GIVEN it ends in time and leaves a daemon THEN the daemon stays, and is not waited for", async () => {
      const started = command(`(${FOREVER}) & echo $! >pid`);
      const { status } = await answerTo(["run", started.directory, "60", "all", ...started.words]);
      expect(status).toBe(0);
      expect(started.left).toContain(Number(readFileSync(join(started.directory, "pid"), "utf8")));
    });
  },
);
