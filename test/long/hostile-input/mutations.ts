import { HOSTILE_WORDS } from "../../support/hostile-words";
import type { Random } from "./random";

/** One way to spoil an input. */
type Mutation = (input: Buffer, random: Random, seeds: readonly Buffer[]) => Buffer;

/** What parsers stumble over: signs of terminals and of Unicode, numbers that no type holds, names that JavaScript has. */
const FRAGMENTS: readonly Buffer[] = [
  "\0",
  "\r",
  "\n",
  "\n\n",
  "\t",
  "\u001b[2J",
  "\u001e0\n",
  "\u202e",
  "\u2066",
  "\u2028",
  "\ufeff",
  "\ufffd",
  "\u{1f4a9}",
  "İ",
  HOSTILE_WORDS,
  "__proto__",
  "constructor",
  "toString",
  '${file("/etc/passwd")}',
  "$(touch /tmp/owned)",
  "../../../../etc/shadow",
  "--help",
  "-1",
  "0",
  "1e999",
  "NaN",
  "9".repeat(17),
  "9".repeat(400),
  "null",
  "[]",
  "{}",
  '"',
  "'",
  "\\",
  "\\\\",
  "{",
  "}",
  "<",
  "*",
  "?",
  "(",
  "[",
  "-----BEGIN CERTIFICATE-----",
  "-----END CERTIFICATE-----",
  "-----BEGIN RSA PRIVATE KEY-----",
]
  .map((text) => Buffer.from(text))
  // No UTF-8: half a character, a surrogate, an overlong slash, and bytes that never are.
  .concat(["e282", "eda080", "c0af", "ff", "fe", "80"].map((hex) => Buffer.from(hex, "hex")));

/** Repeated alone they have regular expressions backtrack. */
const REPEATED: readonly string[] = [
  " ",
  "\t",
  "\n",
  "a",
  "0",
  ".",
  ",",
  ":",
  ": ",
  "-",
  "=",
  '"',
  '\\"',
  "\\",
  "/",
  "*.",
  "<",
  ">",
  "{",
  "}\n",
  "a ",
  "a\n",
  "-----END A-----",
  "-----BEGIN A-----",
  "\u0130",
];
const NESTED: readonly (readonly [string, string])[] = [
  ["[", "]"],
  ['{"a":', "}"],
  ['{"subproblems":[', "]}"],
  ["a {\n", "}\n"],
  ["(", ")"],
  ["/*", "*/"],
  ["\u0081\u00a1a", ""],
  ["\u0091", ""],
];

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  changeBytes,
  cutEnd,
  cutOut,
  doubleSlice,
  splice,
  splice,
  insertFragment,
  insertFragment,
  exaggerateNumber,
];
const LONGEST_REPEAT = 200_000;
const DEEPEST = 20_000;

/** A spoilt copy of one of the seeds: commonly a little, now and then by what is very long or very deep. */
export function mutated(seeds: readonly Buffer[], random: Random, own: readonly string[]): Buffer {
  let input: Buffer = Buffer.from(random.of(seeds));
  const document = random.oneIn(2) ? spoiltDocument(input, random) : undefined;
  if (document !== undefined) return document;
  for (let count = 1 + random.below(4); count > 0; count--)
    input = random.of(MUTATIONS)(input, random, seeds);
  if (random.oneIn(25)) input = insertRepeats(input, random, own);
  if (random.oneIn(50)) input = insertDepth(input, random);
  return input;
}

/** What stands in the place of another value of JSON. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 1e308, 2 ** 53, "", [], {}, [[]], [null], { a: null }],
  ...["a".repeat(50_000), "\u001b[2J".repeat(5_000), Array(5_000).fill("a"), Array(5_000).fill({})],
  Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`a${index}`, "a"])),
];

/** A document of JSON of which some values, or names of members, are others; undefined if it is not JSON. */
function spoiltDocument(input: Buffer, random: Random): Buffer | undefined {
  const root = { document: parsed(input) };
  if (typeof root.document !== "object" || root.document === null) return undefined;
  for (let count = 1 + random.below(3); count > 0; count--) {
    const places = placesIn(root);
    const [holder, key] = random.of(places);
    const name = random.oneIn(8) ? random.of(FRAGMENTS).toString() : key;
    const [other, otherKey] = random.of(places);
    const values = [random.of(VALUES), random.of(FRAGMENTS).toString(), other[otherKey]];
    // A copy: a value within itself is no JSON.
    const value = JSON.parse(JSON.stringify(random.of(values)));
    if (random.oneIn(4) && holder !== root) delete holder[key];
    if (holder === root) root.document = value;
    // An assignment to __proto__ would be lost.
    else
      Object.defineProperty(holder, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  return Buffer.from(JSON.stringify(root.document) ?? "");
}

function parsed(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString());
  } catch {
    return undefined;
  }
}

type Holder = Record<string, unknown>;
const MOST_PLACES = 10_000;

/** Each value in the document, as a member of what holds it. */
function placesIn(root: object): [holder: Holder, key: string][] {
  const places: [Holder, string][] = [];
  const left = [root as Holder];
  for (let holder = left.pop(); holder !== undefined && places.length < MOST_PLACES; holder = left.pop()) {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      const value = holder[key];
      if (typeof value === "object" && value !== null) left.push(value as Holder);
    }
  }
  return places;
}

function flipBits(input: Buffer, random: Random): Buffer {
  for (let count = 1 + random.below(8); count > 0 && input.length > 0; count--) {
    const at = random.below(input.length);
    input[at] = (input[at] as number) ^ (1 << random.below(8));
  }
  return input;
}

function changeBytes(input: Buffer, random: Random): Buffer {
  const at = random.below(input.length + 1);
  const end = Math.min(at + random.below(9), input.length);
  for (let index = at; index < end; index++) input[index] = random.below(256);
  return input;
}

function cutEnd(input: Buffer, random: Random): Buffer {
  return input.subarray(0, random.below(input.length + 1));
}

function cutOut(input: Buffer, random: Random): Buffer {
  const [from, to] = slice(input, random);
  return Buffer.concat([input.subarray(0, from), input.subarray(to)]);
}

function doubleSlice(input: Buffer, random: Random): Buffer {
  const [from, to] = slice(input, random);
  return Buffer.concat([input.subarray(0, to), input.subarray(from)]);
}

function splice(input: Buffer, random: Random, seeds: readonly Buffer[]): Buffer {
  const other = random.of(seeds);
  return Buffer.concat([
    input.subarray(0, random.below(input.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

function insertFragment(input: Buffer, random: Random): Buffer {
  return inserted(input, random, random.of(FRAGMENTS));
}

/** Another number in the place of one that is there. */
function exaggerateNumber(input: Buffer, random: Random): Buffer {
  const text = input.toString("latin1");
  const numbers = [...text.matchAll(/\d{1,20}/g)];
  if (numbers.length === 0) return insertFragment(input, random);
  const { index, 0: digits } = random.of(numbers);
  const other = random.of(["0", "-1", "1e9", "65536", "4294967296", "9".repeat(16), "9".repeat(310), "0x10"]);
  return Buffer.from(text.slice(0, index) + other + text.slice((index ?? 0) + digits.length), "latin1");
}

function insertRepeats(input: Buffer, random: Random, own: readonly string[]): Buffer {
  const [from, to] = slice(input, random);
  const repeated = random.of([
    Buffer.from(random.of(REPEATED)),
    Buffer.from(random.of(own.length > 0 ? own : REPEATED)),
    input.subarray(from, Math.min(to, from + 24)),
  ]);
  const count = Math.floor(random.of([5_000, 50_000, LONGEST_REPEAT]) / Math.max(repeated.length, 1));
  return inserted(input, random, Buffer.from(repeated.toString("latin1").repeat(count), "latin1"));
}

function insertDepth(input: Buffer, random: Random): Buffer {
  const [open, close] = random.of(NESTED);
  const depth = 1 + random.below(DEEPEST);
  const nest = Buffer.from(open.repeat(depth) + close.repeat(depth), open > "\u007f" ? "latin1" : "utf8");
  return random.oneIn(2) ? nest : inserted(input, random, nest);
}

function inserted(input: Buffer, random: Random, part: Buffer): Buffer {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), part, input.subarray(at)]);
}

function slice(input: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(input.length + 1);
  return [from, from + random.below(input.length - from + 1)];
}
