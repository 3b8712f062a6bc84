import { describe, expect, it } from "vitest";
import { programRun } from "../../../lib/cli/process/program-run";

const OPTIONS = { directory: "/", environment: { PATH: "/usr/bin:/bin", WORD: "x" }, deadlineMs: 20_000 };

describe("programRun", () => {
  it("THEN both streams and the exit status, with that environment in that directory", async () => {
    const script = 'pwd; echo "$WORD"; echo e >&2; exit 3';
    expect(await programRun("/bin/sh", ["-c", script], OPTIONS)).toEqual({
      exitCode: 3,
      signal: null,
      stdout: "/\nx\n",
      stderr: "e\n",
      isLate: false,
    });
  });

  it("GIVEN a program that does not end, with children THEN it is killed with them", async () => {
    const run = await programRun("/bin/sh", ["-c", "echo begun; sleep 600 | sleep 600"], {
      ...OPTIONS,
      deadlineMs: 300,
    });
    expect(run).toMatchObject({ exitCode: null, signal: "SIGKILL", stdout: "begun\n", isLate: true });
  });

  it("GIVEN a program that has ended, and a child of another group that holds its output open THEN the child is not waited for", async () => {
    const run = await programRun("/bin/sh", ["-c", "echo said; setsid sleep 30 & exit 0"], OPTIONS);
    expect(run).toMatchObject({ exitCode: 0, stdout: "said\n", isLate: false });
  });

  it("GIVEN input THEN it is read; GIVEN megabytes that are not read THEN that is no error", async () => {
    const input = "x".repeat(8 << 20);
    expect(await programRun("/bin/sh", ["-c", "wc -c"], { ...OPTIONS, input })).toMatchObject({
      stdout: `${input.length}\n`,
    });
    expect(await programRun("/bin/sh", ["-c", "exit 0"], { ...OPTIONS, input })).toMatchObject({
      exitCode: 0,
    });
  });

  it("GIVEN output without end THEN little of it is kept: the beginning, and of errors the end", async () => {
    const script =
      "echo first; head -c 1000000 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero >&2; echo last >&2";
    const { stdout, stderr } = await programRun("/bin/sh", ["-c", script], OPTIONS);
    expect(stdout).toMatch(/^first\n/);
    expect(stderr).toMatch(/last\n$/);
    expect(stdout.length + stderr.length).toBeLessThan(200_000);
  });

  it("GIVEN no such program THEN the system's error", async () => {
    await expect(programRun("/no/such/program", [], OPTIONS)).rejects.toThrow("ENOENT");
  });
});
