import fc from "fast-check";
import { BlockPlace } from "../../../lib";

/** What is declared below one domain, what others have for it, and what clients ask for. Names are as in {@link nameBelow}. */
export interface RandomSet {
  /** The names of each certificate. No two have one in common; each has one that is no wildcard. */
  readonly certificates: readonly (readonly string[])[];
  readonly others: readonly RandomBlock[];
  /** What clients send. */
  readonly asked: readonly string[];
}

/** A `local_name` block that the library has not written. */
export interface RandomBlock {
  /** The names; or which of `certificates`' blocks it has the very names of, if there are that many. */
  readonly names: readonly string[] | { readonly of: number; readonly block: number };
  readonly place?: BlockPlace;
  /** A file of their own, or that of one of `certificates`, if there are that many. */
  readonly file: { readonly theirs: number } | { readonly ours: number };
}

export const MOST_CERTIFICATES = 3;
export const THEIR_FILES = 4;

/** The domain itself is `@`. */
const EXACT = ["@", "a", "b", "c", "a.a", "b.a", "a.b"];
const WILDCARDS = ["*", "*.a"];
/** Patterns that are rarely written. */
const ODD = ["*.*", "a.*", "b*", "?", "*a", "**"];
/** What no client sends that looks a host name up. */
const MALFORMED = ["*", "*.a", "a*", "a..b", "../x", "a b"];
const UNKNOWN = ["x", "ab", "bx", "x.a", "x.b", "x.y.a"];

export interface RandomSetOptions {
  /** Whether a certificate may have wildcards as well. */
  readonly wildcards: boolean;
  /** How many names a block of others has at most; 0 for servers that have no blocks. */
  readonly otherNames: number;
}

export function randomSet({ wildcards, otherNames }: RandomSetOptions): fc.Arbitrary<RandomSet> {
  const names = wildcards ? [...EXACT, ...WILDCARDS] : EXACT;
  return fc.record({
    certificates: certificatesOf(names),
    others:
      otherNames === 0 ? fc.constant([]) : fc.array(otherBlock(otherNames), { maxLength: 6, size: "max" }),
    asked: fc.uniqueArray(askedName, { minLength: 8, maxLength: 8 }),
  });
}

export interface ForSetsOptions {
  readonly runs: number;
  readonly setsPerRun: number;
}

/** Has something hold for as many sets at a time. A failure names the seed, and not all of the sets. */
export async function forSets(
  set: fc.Arbitrary<RandomSet>,
  { runs, setsPerRun }: ForSetsOptions,
  holds: (sets: readonly RandomSet[]) => Promise<void>,
): Promise<void> {
  const sets = fc.array(set, { minLength: setsPerRun, maxLength: setsPerRun });
  // Looking for smaller ones would take a start of the server each.
  const result = await fc.check(fc.asyncProperty(sets, holds), { numRuns: runs, endOnFailure: true });
  if (!result.failed) return;
  const { seed, counterexamplePath: path, errorInstance: cause } = result;
  throw new Error(`with { seed: ${seed}, path: "${path}" }: ${(cause as Error).message}`, { cause });
}

/** A relative name below a domain. A trailing dot stays one. */
export function nameBelow(relative: string, domain: string): string {
  const [, name, dot] = /^(.*?)(\.?)$/.exec(relative) as unknown as [string, string, string];
  return name === "@" ? `${domain}${dot}` : `${name}.${domain}${dot}`;
}

/** Each name belongs to one certificate, or to none. */
function certificatesOf(names: readonly string[]): fc.Arbitrary<string[][]> {
  const owners = fc.array(fc.nat({ max: MOST_CERTIFICATES }), {
    minLength: names.length,
    maxLength: names.length,
  });
  return fc
    .tuple(owners, fc.shuffledSubarray([...names], { minLength: names.length }))
    .map(([owner, shuffled]) =>
      Array.from({ length: MOST_CERTIFICATES }, (_, index) =>
        shuffled.filter((_, position) => owner[position] === index),
      ).filter((own) => own.some((name) => EXACT.includes(name))),
    );
}

function otherBlock(mostNames: number): fc.Arbitrary<RandomBlock> {
  const name = fc
    .tuple(oneOf([3, EXACT], [3, WILDCARDS], [1, ODD], [1, UNKNOWN]), fc.boolean())
    .map(([relative, upper]) => (upper ? relative.toUpperCase() : relative));
  const certificate = fc.nat({ max: MOST_CERTIFICATES - 1 });
  return fc.record(
    {
      names: fc.oneof(
        { weight: 4, arbitrary: fc.array(name, { minLength: 1, maxLength: mostNames }) },
        { weight: 1, arbitrary: fc.record({ of: certificate, block: fc.nat({ max: EXACT.length }) }) },
      ),
      file: fc.oneof(
        { weight: 4, arbitrary: fc.record({ theirs: fc.nat({ max: THEIR_FILES - 1 }) }) },
        { weight: 1, arbitrary: fc.record({ ours: certificate }) },
      ),
      place: fc.constantFrom(BlockPlace.BEFORE, BlockPlace.AFTER),
    },
    { requiredKeys: ["names", "file"] },
  );
}

const askedName = fc
  .tuple(oneOf([4, EXACT], [2, UNKNOWN], [1, MALFORMED]), oneOf([8, [""]], [1, ["upper", "dot"]]))
  .map(([name, change]) => (change === "upper" ? name.toUpperCase() : change === "dot" ? `${name}.` : name));

function oneOf(
  ...choices: readonly (readonly [weight: number, of: readonly string[]])[]
): fc.Arbitrary<string> {
  return fc.oneof(...choices.map(([weight, of]) => ({ weight, arbitrary: fc.constantFrom(...of) })));
}
