import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import {
  type FoundRenewers,
  hasPath,
  markOf,
  programsOf,
  type Renewer,
  type Retired,
  renewersIn,
} from "../../../shared/renewers/renewers";
import { OWN_UNITS, unitOf } from "../../../shared/renewers/units";
import { areAllWanted, runningPlaces } from "./running-places";

/** What has to be switched off on a host. */
export interface Retirement {
  /** Clients of CAs by their programs: whatever runs them from time to time. */
  readonly programs: readonly string[];
  /** Executables that a client runs, by path. */
  readonly hooks: readonly string[];
}

export const NOTHING_RETIRED: Retirement = { programs: [], hooks: [] };

/** What is found on a host of clients and hooks. */
export interface RenewerFacts extends FoundRenewers {
  /** Scripts and hooks that were switched off at some time. */
  readonly scripts: readonly RetiredScript[];
  /** Those of the hooks that may be run. */
  readonly runnable: ReadonlySet<string>;
  /** Hooks without which dehydrated ends with an error. */
  readonly needed: ReadonlySet<string>;
  /** What each stack has had switched off. */
  readonly owned: ReadonlyMap<string, Retirement>;
}

/** A script or a hook that was switched off at some time. */
export interface RetiredScript {
  /** All clients that it runs; `HOOK` alone for a hook. */
  readonly programs: readonly string[];
  readonly path: string;
}

/** Stands for the client of a hook. */
export const HOOK = "-";

/** A step of `retire.sh`. It is about what runs exactly the clients of a mark. */
export type Step = readonly [action: "retire" | "restore", kind: string, mark: string, path: string];

/** Reads what `observe` of `retire.sh` has printed. */
export function renewerFacts(printed: readonly string[], without: (path: string) => string): RenewerFacts {
  const rows = printed.filter(hasPath).map((line) => line.split("\t"));
  const ofTag = (wanted: string) => rows.filter(([tag]) => tag === wanted);
  const pathsOf = (wanted: string) => new Set(ofTag(wanted).map(([, , , ...path]) => path.join("\t")));
  return {
    ...renewersIn(printed, without),
    scripts: ofTag("M").map(([, , mark = "", ...path]) => ({
      programs: programsOf(mark),
      path: path.join("\t"),
    })),
    runnable: pathsOf("H"),
    needed: pathsOf("K"),
    owned: ownedIn(ofTag("O")),
  };
}

function ownedIn(rows: readonly (readonly string[])[]): Map<string, Retirement> {
  const byStack = groupBy(rows, ([, stack = ""]) => stack);
  const named = (of: readonly (readonly string[])[], wanted: string) =>
    of.flatMap(([, , kind, ...name]) => (kind === wanted ? [name.join("\t")] : []));
  return new Map(
    [...byStack].map(([stack, of]) => [stack, { programs: named(of, "program"), hooks: named(of, "hook") }]),
  );
}

/** All that either of them has. */
export function bothOf(one: Retirement, other: Retirement): Retirement {
  return {
    programs: [...new Set([...one.programs, ...other.programs])],
    hooks: [...new Set([...one.hooks, ...other.hooks])],
  };
}

/** What is wanted, and what is wanted no more, as `change` of `retire.sh` takes it. */
export function wantsOf(wanted: Retirement, dropped: Retirement): string[] {
  const [wants, former] = [wordsOf(wanted), wordsOf(dropped)];
  return [String(wants.length), String(former.length), ...wants.flat(), ...former.flat()];
}

function wordsOf({ programs, hooks }: Retirement): string[][] {
  return [...programs.map((program) => ["program", program]), ...hooks.map((hook) => ["hook", hook])];
}

/** The steps by which exactly what is wanted is off, of all that the resource has ever switched off. */
export function stepsTo(wanted: Retirement, before: Retirement, facts: RenewerFacts): Step[] {
  return [...restoring(droppedBy(wanted, before), facts), ...retiring(wanted, facts)];
}

/** What was wanted before, and is not wanted any more. */
export function droppedBy(wanted: Retirement, before: Retirement): Retirement {
  return {
    programs: before.programs.filter((program) => !wanted.programs.includes(program)),
    hooks: before.hooks.filter((hook) => !wanted.hooks.includes(hook)),
  };
}

function restoring({ programs, hooks }: Retirement, facts: RenewerFacts): Step[] {
  const runsOne = (place: { readonly programs: readonly string[] }) =>
    place.programs.some((program) => programs.includes(program));
  return [
    ...oncePerFile(
      facts.retired
        .filter(runsOne)
        .map((place): Step => ["restore", place.kind, markOf(place.programs), place.file]),
    ),
    ...facts.scripts
      .filter((script) => (isHook(script) ? hooks.includes(script.path) : runsOne(script)))
      .map((script): Step => ["restore", "script", markOf(script.programs), script.path]),
  ];
}

export function isHook({ programs: [program] }: RetiredScript): boolean {
  return program === HOOK;
}

/** The hooks of a dehydrated that is to go on: without its hook it would renew nothing, not even for other servers. */
export function indispensable({ programs, hooks }: Retirement, facts: RenewerFacts): string[] {
  if (programs.includes("dehydrated") || !facts.active.some(({ program }) => program === "dehydrated"))
    return [];
  return hooks.filter((hook) => facts.runnable.has(hook) && facts.needed.has(hook));
}

function retiring(wanted: Retirement, facts: RenewerFacts): Step[] {
  const kept = indispensable(wanted, facts);
  return [
    // What is off already too: meanwhile another stack may have switched it on.
    ...oncePerFile(
      [...runningPlaces(facts.active), ...facts.retired.map(switchedOn)]
        .filter(({ programs }) => areAllWanted(programs, wanted))
        .map(({ kind, programs, file }): Step => ["retire", kind, markOf(programs), file]),
    ),
    ...wanted.hooks
      .filter((hook) => facts.runnable.has(hook) && !kept.includes(hook))
      .map((hook): Step => ["retire", "script", HOOK, hook]),
  ];
}

/** What is switched off, as it is found when it is on. */
function switchedOn({ kind, programs, file }: Retired): Pick<Retired, "kind" | "programs" | "file"> {
  return { kind, programs, file: kind === "service" ? posix.join(OWN_UNITS, unitOf(file)) : file };
}

/** A crontab can have a line for each domain: one step is for all lines of the same clients. */
function oncePerFile(steps: readonly Step[]): Step[] {
  return [...new Map(steps.map((step) => [`${step[2]} ${step[3]}`, step])).values()];
}

/** A client that runs from time to time, and something that it runs with one of the words in it. */
export interface ActiveWriter {
  readonly renewer: Renewer;
  readonly path: string;
  readonly word: string;
}
