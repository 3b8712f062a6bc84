import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withPrivateDirectory } from "../../../lib/cli/process/private-directory";

const MODULE = resolve(__dirname, "../../../lib/cli/process/private-directory.ts");

/** A process that makes a directory with a plan in it, says where it is, and then does `rest`. It says so after `before`. */
const program = (rest: string, before: string) => `
  import { existsSync, writeFileSync } from "node:fs";
  import { withPrivateDirectory } from ${JSON.stringify(MODULE)};
  void withPrivateDirectory(async (directory) => {
    const file = directory.file("0.tfplan");
    writeFileSync(file, "KEY");
    ${before}
    process.stdout.write(file);
    ${rest}
  });`;
const WAIT = "await new Promise((done) => setTimeout(done, 60_000));";

function made(directory: string, mode: number): string {
  mkdirSync(directory);
  chmodSync(directory, mode);
  return directory;
}

describe("withPrivateDirectory", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "mail-sni-private-"));
    vi.stubEnv("TMPDIR", parent);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(parent, { recursive: true, force: true });
  });

  /** Starts a process, and waits until it has a plan. */
  async function started(rest: string, before = "") {
    const source = join(parent, "program.mts");
    writeFileSync(source, program(rest, before));
    const child = spawn(process.execPath, ["--import", "tsx", source], {
      cwd: resolve(__dirname, "../../.."),
      env: { ...process.env, TMPDIR: parent },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = once(child, "close");
    const [file] = await once(child.stdout, "data");
    return { child, ended, file: String(file) };
  }

  it("THEN only this user can enter it, and it is gone once the work has ended or failed", async () => {
    const work = vi.fn(async ({ file }: { file(name: string): string }) => {
      writeFileSync(file("0.tfplan"), "KEY");
      expect(statSync(dirname(file("0.tfplan"))).mode & 0o777).toBe(0o700);
      return file("0.tfplan");
    });
    expect(existsSync(dirname(await withPrivateDirectory(work)))).toBe(false);
    const broken = new Error("broken");
    await expect(
      withPrivateDirectory(async (directory) => {
        await work(directory);
        throw broken;
      }),
    ).rejects.toBe(broken);
    expect(readdirSync(parent)).toEqual([]);
  });

  it.each<[string, (parent: string) => string]>([
    ["is missing", (parent) => join(parent, "missing")],
    ["is too long for a socket", (parent) => made(join(parent, "long".repeat(25)), 0o700)],
    ["others may exchange", (parent) => made(join(parent, "open"), 0o777)],
  ])("GIVEN a TMPDIR that %s THEN no other place gets the plan, with its keys", async (_, temporary) => {
    vi.stubEnv("TMPDIR", temporary(parent));
    const work = vi.fn();
    await expect(withPrivateDirectory(work)).rejects.toMatchObject({
      code: "CLI_FILE_UNWRITABLE",
      message: expect.stringContaining(`${parent}/`),
    });
    expect(work).not.toHaveBeenCalled();
  });

  it("GIVEN two at once THEN each has its own; afterwards no listener is left", async () => {
    const listeners = () => ["exit", "SIGINT", "SIGHUP"].map((event) => process.listenerCount(event));
    const before = listeners();
    const paths = await Promise.all(
      [0, 1].map(() => withPrivateDirectory(async ({ file }) => dirname(file("0.tfplan")))),
    );
    expect(new Set(paths).size).toBe(2);
    expect(listeners()).toEqual(before);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "GIVEN %s THEN the directory is gone and the signal ends the process",
    async (signal) => {
      const { child, ended, file } = await started(WAIT);
      child.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(existsSync(dirname(file))).toBe(false);
    },
  );

  it("GIVEN a command that listens to the signal THEN it ends in order, with the plan until then", async () => {
    const before = `
      const alive = setInterval(() => {}, 1000);
      const interrupted = new Promise((done) => process.once("SIGINT", () => setTimeout(done, 200)));`;
    const rest = `
      await interrupted;
      clearInterval(alive);
      process.exitCode = existsSync(file) ? 5 : 6;`;
    const { child, ended, file } = await started(rest, before);
    child.kill("SIGINT");
    expect(await ended).toEqual([5, null]);
    expect(existsSync(dirname(file))).toBe(false);
  });

  it.each([
    [
      "an error that nothing catches",
      "setTimeout(() => { throw new Error(); }); await new Promise(() => {});",
    ],
    ["process.exit", "process.exit(1);"],
  ])("GIVEN %s THEN the directory is gone", async (_, rest) => {
    const { ended, file } = await started(rest);
    expect(await ended).toEqual([1, null]);
    expect(existsSync(dirname(file))).toBe(false);
  });

  it("GIVEN a process that was killed, and one that runs THEN the next run removes what the first has left", async () => {
    const [killed, runs] = [await started(WAIT), await started(WAIT)];
    killed.child.kill("SIGKILL");
    await killed.ended;
    const aMinuteAgo = Date.now() / 1000 - 60;
    for (const { file } of [killed, runs]) utimesSync(dirname(file), aMinuteAgo, aMinuteAgo);
    expect(existsSync(killed.file)).toBe(true);
    await withPrivateDirectory(async () => {
      expect([killed, runs].map(({ file }) => existsSync(file))).toEqual([false, true]);
    });
    expect(existsSync(dirname(killed.file))).toBe(false);
    runs.child.kill("SIGTERM");
    await runs.ended;
  });

  it("GIVEN a name that would not be recognised later THEN it is refused", async () => {
    const named = (name: string) => withPrivateDirectory(async ({ file }) => file(name));
    for (const name of ["../x.tfplan", "a/b.tfplan", "plan", ""]) {
      await expect(named(name)).rejects.toThrow(RangeError);
    }
  });
});
