import { afterAll, describe, expect, it } from "vitest";
import { mutated } from "./mutations";
import { parsers } from "./parsers";
import { removeFiles } from "./parsers/files";
import type { Parser } from "./parsers/parser";
import { Random } from "./random";
import { textSize } from "./text-size";

/** The same inputs for each change, so that none is held up by a fault that it does not have; others by hand. */
const SEED = process.env.MAIL_SNI_HOSTILE_SEED ?? "1";
const INPUTS_EACH = Number(process.env.MAIL_SNI_HOSTILE_INPUTS ?? 2_000);
/** Of the processor's time: that of the wall says more about the machine. */
const USUAL_MOST_MS = 1_000;
/** What a parser may say whatever it was given. */
const MOST_OF_ITS_OWN = 20_000;
const LONGEST_MESSAGE = 10_000;
const MOST_FAILURES = 5;
const STACK_LINES = Error.stackTraceLimit;

interface Outcome {
  taken: number;
  refused: number;
  slowestMs: number;
  allMs: number;
  readonly failures: string[];
}

const outcomes = new Map<string, Outcome>();

afterAll(() => {
  removeFiles();
  const inputs = [...outcomes.values()].reduce((sum, { taken, refused }) => sum + taken + refused, 0);
  const lines = [...outcomes].map(
    ([name, { taken, refused, slowestMs, allMs }]) =>
      `${String(taken).padStart(6)} taken ${String(refused).padStart(6)} refused ${String(slowestMs).padStart(5)} ms at most ${String(Math.round(allMs)).padStart(6)} ms in all  ${name}`,
  );
  const { user, system } = process.cpuUsage();
  console.info(
    `${inputs} mutated inputs for ${outcomes.size} parsers in ${Math.round((user + system) / 1e6)} s of the processor, MAIL_SNI_HOSTILE_SEED=${SEED}:\n${lines.join("\n")}`,
  );
});

describe(`what others wrote, spoilt (MAIL_SNI_HOSTILE_SEED=${SEED})`, async () => {
  const table = await parsers();

  it("THEN there are parsers enough to speak of all", () => {
    expect(table.length).toBeGreaterThanOrEqual(90);
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
    expect(table.length * INPUTS_EACH).toBeGreaterThanOrEqual(180_000);
  });

  it.each(table.map((parser) => [parser.name, parser] as const))(
    "GIVEN %s THEN it is read or refused by a typed error, soon, and the outcome is bounded",
    async (name, parser) => {
      const seeds = parser.seeds.map((seed) => Buffer.from(seed as string));
      const random = new Random(`${SEED} ${name}`);
      const outcome: Outcome = { taken: 0, refused: 0, slowestMs: 0, allMs: 0, failures: [] };
      outcomes.set(name, outcome);
      // With seeds that it refuses, all of them, its insides would not be reached.
      expect(await takesOne(parser, seeds)).toBe(true);
      for (const [what, input] of inputsOf(parser, seeds, random)) {
        await look(parser, input, what, outcome);
        // What is slow may take a minute for each.
        if (outcome.failures.length === MOST_FAILURES) break;
      }
      expect(outcome.failures).toEqual([]);
    },
  );
});

async function takesOne(parser: Parser, seeds: readonly Buffer[]): Promise<boolean> {
  for (const seed of seeds) if ((await timed(parser, seed)).error === undefined) return true;
  return false;
}

function* inputsOf(
  parser: Parser,
  seeds: readonly Buffer[],
  random: Random,
): Generator<[what: string, input: Buffer]> {
  yield* repeated(seeds, parser);
  for (let number = 1; number <= INPUTS_EACH; number++)
    yield [`input ${number}`, mutated(seeds, random, parser.repeats ?? [])];
}

/** What the grammar makes worth repeating, alone and in the middle of what is right, so often that squares show. */
function* repeated(
  seeds: readonly Buffer[],
  { repeats = [], repeatedBytes = REPEATED_BYTES }: Parser,
): Generator<[string, Buffer]> {
  for (const part of [" ", "\n", "a", "a\n", "0", '"', "\\", ...repeats]) {
    const many = Buffer.from(part.repeat(Math.ceil(repeatedBytes / part.length)));
    yield [`${JSON.stringify(part)} repeated`, many];
    for (const [index, seed] of seeds.slice(0, 2).entries()) {
      const middle = seed.length >> 1;
      const input = Buffer.concat([seed.subarray(0, middle), many, seed.subarray(middle)]);
      yield [`${JSON.stringify(part)} repeated within seed ${index}`, input];
    }
  }
}

const REPEATED_BYTES = Number(process.env.MAIL_SNI_HOSTILE_BYTES ?? 100_000);

async function look(parser: Parser, input: Buffer, what: string, outcome: Outcome): Promise<void> {
  const fail = (fault: string) => outcome.failures.push(`${what}: ${fault}: ${shown(input)}`);
  const { ms, result, error } = await timed(parser, input);
  outcome.allMs += ms;
  outcome.slowestMs = Math.max(outcome.slowestMs, Math.round(ms));
  if (await isSlow(ms, parser, input)) fail(`took ${Math.round(ms)} ms`);
  if (error !== undefined) {
    outcome.refused++;
    const { message = "" } = error as Error;
    if (!parser.throws(error)) fail(`threw ${await stackOf(parser, input)}`);
    else if (message.length > LONGEST_MESSAGE) fail(`threw a message of ${message.length} characters`);
    return;
  }
  outcome.taken++;
  const size = textSize(result);
  const most = MOST_OF_ITS_OWN + (parser.growth ?? 8) * input.length;
  if (size > most) fail(`made ${size} of ${input.length} bytes`);
}

/** Two times more: another process may have taken the caches away, or a garbage collection fallen into it. */
async function isSlow(ms: number, parser: Parser, input: Buffer): Promise<boolean> {
  const { mostMs = USUAL_MOST_MS } = parser;
  if (ms <= mostMs) return false;
  for (let count = 0; count < 2; count++) if ((await timed(parser, input)).ms <= mostMs) return false;
  return true;
}

interface Timed {
  readonly ms: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

async function timed(parser: Parser, input: Buffer): Promise<Timed> {
  // Vitest looks up the source of each line of a stack: with them most of the time is not the parser's.
  Error.stackTraceLimit = 0;
  const before = process.cpuUsage();
  const spent = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  try {
    const result = await parser.read(Buffer.from(input));
    return { ms: spent(), result };
  } catch (error) {
    return { ms: spent(), error: error ?? new Error("threw nothing") };
  } finally {
    Error.stackTraceLimit = STACK_LINES;
  }
}

/** Once more, with the stack. */
async function stackOf(parser: Parser, input: Buffer): Promise<string> {
  try {
    await parser.read(Buffer.from(input));
    return "nothing the second time";
  } catch (error) {
    return (error as Error).stack ?? String(error);
  }
}

function shown(input: Buffer): string {
  const text = JSON.stringify(input.toString("latin1"));
  return text.length > 400 ? `${text.slice(0, 300)}… (${input.length} bytes) …${text.slice(-60)}` : text;
}
