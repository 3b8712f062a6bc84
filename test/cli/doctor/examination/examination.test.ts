import { describe, expect, it } from "vitest";
import { examined, exitCodeOf, type Task } from "../../../../lib/cli/doctor/examination/examination";
import {
  type Finding,
  failure,
  skipped,
  warning,
  well,
} from "../../../../lib/cli/doctor/examination/finding";
import { THIS_MACHINE } from "../../../../lib/cli/doctor/examination/subject";
import { CliError } from "../../../../lib/cli/errors/cli-error";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";

const OPTIONS = { atOnce: 2, deadlineMs: 10_000 };

function task(check: string, look: () => Promise<readonly Finding[]>): Task {
  return { check, subject: THIS_MACHINE, look };
}

const gives = (check: string, ...findings: Finding[]) => task(check, async () => findings);

describe("examined", () => {
  it("THEN findings are in the order of the tasks, and no more run at a time than are allowed", async () => {
    let [running, most] = [0, 0];
    const tasks = Array.from({ length: 9 }, (_, index) =>
      task(`c${index}`, async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, (index % 3) * 5));
        running--;
        return [well("x")];
      }),
    );
    const found = await examined(tasks, OPTIONS);
    expect(found.map(({ check }) => check)).toEqual(tasks.map(({ check }) => check));
    expect(most).toBe(2);
  });

  it("GIVEN tasks that throw, at once or later THEN each is a finding, and the others go on", async () => {
    const tasks = [
      task("typed", async () => {
        throw new CliError("CLI_ENGINE_MISSING", "None.", "Install one.");
      }),
      task("bug", () => {
        throw new TypeError(`no ${HOSTILE_WORDS}`);
      }),
      gives("other", well("x")),
    ];
    const [typed, bug, other] = (await examined(tasks, OPTIONS)).map(({ finding }) => finding);
    expect(typed).toEqual(failure("None.", "Install one."));
    expect(bug).toMatchObject({
      state: "error",
      problem: expect.stringContaining("The check itself failed"),
    });
    expect(isPlain(JSON.stringify(bug))).toBe(true);
    expect(other).toEqual(well("x"));
  });

  it("GIVEN several checks of each subject THEN each subject begins before any has its second, and the order of findings stays", async () => {
    const begun: string[] = [];
    const tasks = ["a", "b"].flatMap((host) =>
      ["one", "two"].map((check) => ({
        check,
        subject: { ...THIS_MACHINE, host },
        look: async () => {
          begun.push(`${check} ${host}`);
          return [well("x")];
        },
      })),
    );
    const found = await examined(tasks, { ...OPTIONS, atOnce: 1 });
    expect(begun).toEqual(["one a", "one b", "two a", "two b"]);
    expect(found.map(({ check, subject }) => `${check} ${subject.host}`)).toEqual([
      "one a",
      "two a",
      "one b",
      "two b",
    ]);
  });

  it("GIVEN that it is interrupted THEN what has not ended is skipped", async () => {
    const interruption = new AbortController();
    const tasks = [
      gives("before", well("x")),
      task("during", () => {
        interruption.abort();
        return new Promise(() => {});
      }),
      gives("after", well("x")),
    ];
    const found = await examined(tasks, { ...OPTIONS, atOnce: 1, signal: interruption.signal });
    expect(found.map(({ finding }) => finding.state)).toEqual(["ok", "skipped", "skipped"]);
  });

  it("GIVEN a task that does not end THEN that is its finding", async () => {
    const tasks = [task("slow", () => new Promise(() => {})), gives("other", well("x"))];
    const [slow, other] = await examined(tasks, { ...OPTIONS, deadlineMs: 10 });
    expect(slow?.finding).toMatchObject({
      state: "error",
      problem: "The check took longer than 0.01 seconds.",
    });
    expect(other?.finding).toEqual(well("x"));
  });
});

describe("exitCodeOf", () => {
  it.each([
    ["an error among others", [failure("p", "r"), well("x")], 1],
    ["warnings", [warning("p", "r"), skipped("y")], 0],
    ["nothing but what was skipped", [skipped("y")], 2],
    ["all well", [well("x"), skipped("y")], 0],
  ] as const)("GIVEN %s", async (_, findings, status) => {
    const results = await examined([gives("c", ...findings)], OPTIONS);
    expect(exitCodeOf(results)).toBe(status);
  });
});
