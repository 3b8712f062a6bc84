import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import hostScript from "../../../lib/shared/transport/host-script.sh";
import hostVerbs from "../../../lib/shared/transport/host-verbs.sh";
import { lastLines, Session, SessionLost } from "../../../lib/shared/transport/session";
import { shellQuote } from "../../../lib/shared/transport/shell-quote";
import type { Trouble } from "../../../lib/shared/transport/trouble";
import { SHELLS, ShellTransport, withSession } from "../../provider/host/support/shells";
import { CUT_OFF, HOSTILE_SHELLS } from "../../support/hostile-peers";

/** Anything that a path, a PEM or a configuration could hold, and what shells are said to stumble over. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        "\\",
        "$(id)",
        "`id`",
        "${x}",
        "%{x}",
        "\n",
        "\r\n",
        "\t",
        " ",
        "-rf",
        "*",
        "~",
        "!",
        "#",
        ";",
        "&",
        "ä",
        "\x1e0\n",
        "=",
        "\x7f",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("a session with %s", (_, shell) => {
  const transport = new ShellTransport(shell, 'echo_back() { printf "%s|" "$#" "$@" | base64 -w 0; }\n');
  const echoed = (words: readonly string[]) =>
    Buffer.from([`${words.length}`, ...words, ""].join("|")).toString("base64");

  it("GIVEN any words THEN they arrive as they are, whatever characters they hold", () =>
    withSession(async (session) => {
      await fc.assert(
        fc.asyncProperty(fc.array(hostile, { maxLength: 5 }), async (words) => {
          expect(await session.call("echo_back", ...words)).toEqual({ status: 0, output: echoed(words) });
        }),
        { numRuns: 150 },
      );
    }, transport));

  it("GIVEN a megabyte in one word THEN it arrives whole, and the next call is a new one", () =>
    withSession(async (session) => {
      const large = "'x\n".repeat(350_000);
      const [first, second] = await session.round([
        ["echo_back", large],
        ["echo_back", "small"],
      ]);
      expect(first.output).toBe(echoed([large]));
      expect(second.output).toBe(echoed(["small"]));
    }, transport));

  it("GIVEN calls of which some fail THEN each has its own exit status and what it said, errors too", () =>
    withSession(async (session) => {
      const answers = await session.round([["true"], ["fetch", "/no/such/file"], ["hashes", "/dev/null"]]);
      expect(answers.map(({ status }) => status === 0)).toEqual([true, false, true]);
      expect(answers[1].output).toMatch(/\/no\/such\/file/);
    }, transport));

  it("GIVEN a line that lost its end with its connection THEN it is not run", () => {
    const whole = `{ call ${["echo", "one two", "it's; }", "three"].map(shellQuote).join(" ")}; }\n`;
    for (let length = 0; length < whole.length - 1; length++) {
      const { stdout } = spawnSync(shell[0], [...shell.slice(1), "-s"], {
        input: hostVerbs + hostScript + whole.slice(0, length),
      });
      expect(stdout.toString().trim()).toBe("");
    }
  });

  it("GIVEN a pipe that another user puts in place of a staged file THEN no contents are written to it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-staged-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const staged = join(directory, "staged");
    // After the check, where only a very fast user could do it.
    const planted = new ShellTransport(shell, 'there() { mkfifo "$1"; return 1; }\n');
    const reader = spawn("sh", ["-c", 'until [ -p "$1" ]; do sleep 0.01; done; cat "$1"', "sh", staged]);
    const read = text(reader.stdout);
    const answer = await withSession((session) => session.call("stage", staged, "077", "a key"), planted);
    expect(answer.status).not.toBe(0);
    expect(answer.output).toContain("the file was replaced while it was written");
    expect(await read).toBe("");
  });

  it("GIVEN a log that cannot be written WHEN a command is run THEN files made later have the modes they should", () =>
    withSession(async (session) => {
      const [refused, mask] = await session.round([
        ["run", "/no/such/directory", "5", "all", "true"],
        ["umask"],
      ]);
      expect(refused.status).not.toBe(0);
      expect(mask.output.trim()).toBe("0022");
    }, transport));
});

describe("a session with bash, where a login file exports", () => {
  const withExported = (variables: readonly string[]) =>
    new ShellTransport(["env", ...variables, "bash", "--posix"]);
  const exported = (name: string) => `BASH_FUNC_${name}%%=() {  echo mine >&2\n}`;

  it("GIVEN functions with the names of tools and built-ins THEN the tools and the built-ins are used", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-exported-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const names = ["rm", "cd", "printf", "command", "env", "sed", "mv", "trash-it"];
    const answers = await withSession(
      (session) =>
        session.round([
          ["stage", join(directory, "staged"), "077", "text"],
          ["rm", "--", join(directory, "staged")],
          ["printf", "%s", "as it is"],
        ]),
      withExported(names.map(exported)),
    );
    expect(answers.map(({ status, output }) => [status, output.includes("mine")])).toEqual(
      answers.map(() => [0, false]),
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it("GIVEN options of the shell THEN it neither ends at a failure nor says what it does", async () => {
    const options = "SHELLOPTS=errexit:xtrace:verbose:noglob:noclobber:allexport";
    const answers = await withSession(
      (session) => session.round([["false"], ["printf", "%s", "a key"], ["sh", "-c", "echo $-"]]),
      withExported([options]),
    );
    expect(answers.map(({ status }) => status)).toEqual([1, 0, 0]);
    expect(answers[1]?.output).toBe("a key");
    expect(answers[2]?.output).not.toMatch(/[aCefvx]/);
  });
});

describe("a session that ends", () => {
  it("GIVEN a shell that goes on when it is told to end THEN it is not waited for, once all is answered", async () => {
    const shell = spawn("sh", ["-c", "sh -s; sleep 600"], {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const session = new Session(shell, { lifetimeMs: 300_000, closeMs: 1_000 });
    const slow = session.call("sleep", "2");
    await session.close();
    expect((await slow).status).toBe(0);
    await expect(session.call("true")).rejects.toThrow(/did not end within 1 s when it was told to/);
  });

  it("GIVEN a call after it was told to end THEN the call fails, and closing returns", async () => {
    const session = await new ShellTransport().open(60_000);
    expect((await session.call("true")).status).toBe(0);
    const closing = session.close();
    await expect(session.call("true")).rejects.toThrow(SessionLost);
    await closing;
  });

  it("GIVEN the shell is killed between calls THEN the next one fails and says so", async () => {
    const transport = new ShellTransport();
    const session = await transport.open(60_000);
    expect((await session.call("true")).status).toBe(0);
    transport.kill();
    await expect(session.call("true")).rejects.toThrow(SessionLost);
    await session.close();
  });

  it("GIVEN the shell is killed in the middle of a round THEN the round fails, and closing returns", async () => {
    const transport = new ShellTransport();
    const session = await transport.open(60_000);
    const round = session.round([["true"], ["sleep", "30"], ["true"]]);
    setTimeout(() => transport.kill(), 100);
    await expect(round).rejects.toThrow(/the shell ended \(SIGKILL\)/);
    await session.close();
  });

  it("GIVEN the time is up THEN the session ends, even during a command", async () => {
    const session = await new ShellTransport().open(1_000);
    await expect(session.call("sleep", "30")).rejects.toThrow(SessionLost);
  });

  it("GIVEN something before the shell that does not end THEN it is ended, and the session says so", async () => {
    const child = spawn("sleep", ["600"], { stdio: ["pipe", "pipe", "pipe"], detached: true });
    const late: string[] = [];
    const onLate = ({ problem }: Trouble) => late.push(problem);
    const session = new Session(child, { lifetimeMs: 60_000, startMs: 200, onLate });
    await expect(session.call("true")).rejects.toThrow("the shell has not begun within 0.2 s");
    await once(child, "close");
    expect(late).toEqual(["the shell has not begun within 0.2 s"]);
    await session.close();
  });

  it("GIVEN a shell that outlives its time limit THEN it is killed from this side", async () => {
    const child = spawn("sh", ["-s"], { stdio: ["pipe", "pipe", "pipe"], detached: true });
    const session = new Session(child, { lifetimeMs: 200, graceMs: 100 });
    const answers = session.round([["true"], ["sleep", "600"]]);
    await expect(answers).rejects.toThrow("the shell did not end when its time was up");
    await once(child, "close");
    await session.close();
  });

  const MOST_MEMORY = 600 * 1024 * 1024;
  it.each(Object.entries(HOSTILE_SHELLS))(
    "GIVEN %s THEN the host is cut off, its shell killed, and little of it kept",
    async (_, program) => {
      const child = spawn("bash", ["-c", program], { stdio: ["pipe", "pipe", "pipe"], detached: true });
      const session = new Session(child, { lifetimeMs: 60_000 });
      const calls = Array.from({ length: 20 }, () => ["true"] as const);
      const answers = session.round(calls).then(() => session.call("true"));
      await expect(answers).rejects.toThrow(SessionLost);
      await expect(answers).rejects.toThrow(CUT_OFF);
      await once(child, "close");
      expect(child.signalCode).toBe("SIGKILL");
      expect(process.memoryUsage().rss).toBeLessThan(MOST_MEMORY);
      await session.close();
    },
  );

  it("GIVEN a program that is not there THEN the message names it", async () => {
    const session = new Session(spawn("no-such-program", { stdio: ["pipe", "pipe", "pipe"] }), {
      lifetimeMs: 60_000,
    });
    await expect(session.call("true")).rejects.toThrow("`no-such-program` is not installed here");
  });
});

describe("shellQuote", () => {
  it("GIVEN a NUL, which no shell can hold, THEN it is refused", () => {
    expect(() => shellQuote("a\0b")).toThrow(RangeError);
  });
});

describe("lastLines", () => {
  it("GIVEN much output THEN the end of it is shown; GIVEN none THEN that is said", () => {
    expect(lastLines("1\n2\n3\n4\n5\n6\n7\n")).toBe("3\n4\n5\n6\n7");
    expect(lastLines(" \n")).toBe("(it printed nothing)");
    expect(lastLines("x".repeat(5000)).length).toBe(1000);
  });

  it("GIVEN warnings THEN an error is shown without them; GIVEN no error THEN they are shown", () => {
    const warnings = "doveconf: Warning: it may be wrong\n".repeat(12);
    expect(lastLines(`${warnings}doveconf: Fatal: it is wrong\n${warnings}`)).toBe(
      "doveconf: Fatal: it is wrong",
    );
    expect(lastLines("Warning: an error may follow\nending")).toBe("Warning: an error may follow\nending");
  });

  it("GIVEN long lines THEN no line begins in the middle, and the one that alone is too long not within a word", () => {
    const line = (letter: string) => `${letter}: ${"word ".repeat(60)}end`;
    const lines = ["a", "b", "c", "d", "e"].map(line);
    expect(lastLines(lines.join("\n"))).toBe(lines.slice(-3).join("\n"));
    expect(lastLines(`... rest of a line\nwhole`)).toBe("whole");
    const shown = lastLines("beginning ".repeat(200));
    expect(shown).toMatch(/^\.\.\. (beginning )+beginning$/);
    expect(shown.length).toBeLessThanOrEqual(1000);
  });

  it.each([
    ["before\nBEGIN\nsecret\nEND\nafter", "before\n(a private key)\nafter"],
    ["secret\nEND\nafter", "(a private key)\nafter"],
    ["before\nBEGIN\nsecret\n", "before\n(a private key)"],
    ["BEGIN\nsecret\nEND\nbetween\nBEGIN\nsecret\nEND", "(a private key)\nbetween\n(a private key)"],
    ["before\n-----BEGIN CERTIFICATE-----\npublic", "before\n-----BEGIN CERTIFICATE-----\npublic"],
  ])("GIVEN %j with a private key THEN it is not shown", (output, shown) => {
    for (const kind of ["", "EC ", "ENCRYPTED "]) {
      const text = output.replace(/(BEGIN|END)$/gm, `-----$1 ${kind}PRIVATE KEY-----`);
      expect(lastLines(text)).toBe(shown);
    }
  });
});
