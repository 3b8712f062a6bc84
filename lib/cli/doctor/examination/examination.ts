import { CliError } from "../../errors/cli-error";
import { EXIT } from "../../process/exit-code";
import type { Check } from "./check";
import { type Finding, type FindingState, failure, skipped } from "./finding";
import type { Subject } from "./subject";

/** A check of one subject, not begun. */
export interface Task {
  readonly check: string;
  readonly subject: Subject;
  readonly look: () => Promise<readonly Finding[]>;
}

/** What a check has found at one subject. */
export interface Examined {
  readonly check: string;
  readonly subject: Subject;
  readonly finding: Finding;
}

export interface ExaminationOptions {
  /** The maximum number of checks that run at a time. */
  readonly atOnce: number;
  /** The time for one check, in milliseconds. */
  readonly deadlineMs: number;
  /** Its abort ends the wait for all checks. */
  readonly signal?: AbortSignal;
}

export function taskOf<T>(check: Check<T>, lookedAt: T, subject: Subject): Task {
  return { check: check.id, subject, look: async () => check.findings(lookedAt) };
}

/** Runs tasks. The findings are in the order of the tasks, and a task that throws is a finding itself. */
export async function examined(
  tasks: readonly Task[],
  { atOnce, ...limits }: ExaminationOptions,
): Promise<Examined[]> {
  const found = tasks.map((): readonly Finding[] => []);
  const waiting = subjectsInTurn(tasks).reverse();
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [index, task] = next;
      found[index] = await within(limits, task).catch(thrownFinding);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, work));
  return tasks.flatMap(({ check, subject }, index) =>
    (found[index] ?? []).map((finding) => ({ check, subject, finding })),
  );
}

/**
 * The tasks with their indices, the first of each subject before the second of any: while one host does not
 * answer, others are checked.
 */
function subjectsInTurn(tasks: readonly Task[]): [index: number, task: Task][] {
  const counts = new Map<string, number>();
  const turns = tasks.map(({ subject }) => {
    const key = JSON.stringify([subject.stack, subject.host, subject.name]);
    const turn = counts.get(key) ?? 0;
    counts.set(key, turn + 1);
    return turn;
  });
  return [...tasks.entries()].sort(([one], [other]) => (turns[one] ?? 0) - (turns[other] ?? 0));
}

/** Turns what is thrown at once into a rejection. */
async function begun({ look }: Task): Promise<readonly Finding[]> {
  return look();
}

export function countOf(results: readonly Examined[], state: FindingState): number {
  return results.filter(({ finding }) => finding.state === state).length;
}

/** 1: a deploy would fail. 2: nothing could be checked. Warnings are 0: a deploy works. */
export function exitCodeOf(results: readonly Examined[]): number {
  if (countOf(results, "error") > 0) return EXIT.WRONG;
  return results.length === countOf(results, "skipped") ? EXIT.NOT_CHECKED : EXIT.OK;
}

function thrownFinding(error: unknown): readonly Finding[] {
  if (error instanceof CliError) return [failure(error.problem, error.remedy)];
  if (error instanceof Interrupted) return [skipped("it was interrupted")];
  if (error instanceof Late)
    return [failure(error.message, "Find out why there is no answer, and run doctor again.")];
  const words = error instanceof Error ? error.message : String(error);
  return [
    failure(
      `The check itself failed, so its result is not known: ${words}.`,
      "Run it again; if it fails again, report it.",
    ),
  ];
}

class Late extends Error {}

class Interrupted extends Error {}

async function within(
  { deadlineMs, signal }: Omit<ExaminationOptions, "atOnce">,
  task: Task,
): Promise<readonly Finding[]> {
  if (signal?.aborted) throw new Interrupted();
  let timer: NodeJS.Timeout | undefined;
  let interrupt = () => {};
  const end = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Interrupted());
    signal?.addEventListener("abort", interrupt);
    const late = new Late(`The check took longer than ${deadlineMs / 1000} seconds.`);
    timer = setTimeout(() => reject(late), deadlineMs);
  });
  try {
    return await Promise.race([begun(task), end]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}
