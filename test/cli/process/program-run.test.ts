import { describe, expect, it } from "vitest";
import { programRun } from "../../../lib/cli/process/program-run";

const OPTIONS = { directory: "/", environment: { PATH: "/usr/bin:/bin", WORD: "x" }, deadlineMs: 20_000 };

describe("programRun", () => {
  it("THEN both streams and the exit status, with that environment in that directory", async () => {
    const script = 'pwd; echo "$WORD"; echo e >&2; exit 3';
    expect(await programRun("/bin/sh", ["-c", script], OPTIONS)).toEqual({
      exitCode: 3,
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
    expect(run).toMatchObject({ exitCode: null, isLate: true });
  });

  it("GIVEN a program that has ended, and a child of another group that holds its output open THEN it is late, and no error", async () => {
    const run = await programRun("/bin/sh", ["-c", "setsid sleep 5 & exit 0"], {
      ...OPTIONS,
      deadlineMs: 300,
    });
    expect(run).toMatchObject({ exitCode: 0, isLate: true });
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
