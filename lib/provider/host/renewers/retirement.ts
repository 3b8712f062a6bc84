import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import {
  type FoundRenewers,
  RENEWERS,
  type Renewer,
  type Retired,
  renewersIn,
} from "../../../shared/renewers/renewers";
import { OWN_UNITS, unitOf } from "../../../shared/renewers/units";

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
  readonly scripts: readonly { readonly program: string; readonly path: string }[];
  /** Those of the hooks that may be run. */
  readonly runnable: ReadonlySet<string>;
  /** Hooks without which dehydrated ends with an error. */
  readonly needed: ReadonlySet<string>;
  /** What each stack has had switched off. */
  readonly owned: ReadonlyMap<string, Retirement>;
}

/** Stands for the client of a hook. */
export const HOOK = "-";

/** A step of `retire.sh`. */
export type Step = readonly [action: "retire" | "restore", kind: string, program: string, path: string];

/** Reads what `observe` of `retire.sh` has printed. */
export function renewerFacts(printed: readonly string[], without: (path: string) => string): RenewerFacts {
  const rows = printed.map((line) => line.split("\t"));
  const ofTag = (wanted: string) => rows.filter(([tag]) => tag === wanted);
  const pathsOf = (wanted: string) => new Set(ofTag(wanted).map(([, , , ...path]) => path.join("\t")));
  return {
    ...renewersIn(printed, without),
    scripts: ofTag("M").map(([, , program = "", ...path]) => ({ program, path: path.join("\t") })),
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

/** What is wanted, as `change` of `retire.sh` takes it. */
export function wantsOf({ programs, hooks }: Retirement): string[] {
  const wants = [...programs.map((program) => ["program", program]), ...hooks.map((hook) => ["hook", hook])];
  return [String(wants.length), ...wants.flat()];
}

/** The steps by which exactly what is wanted is off, of all that the resource has ever switched off. */
export function stepsTo(wanted: Retirement, before: Retirement, facts: RenewerFacts): Step[] {
  return [...restoring(dropped(before, wanted), facts), ...retiring(wanted, facts)];
}

function dropped(before: Retirement, wanted: Retirement): Retirement {
  return {
    programs: before.programs.filter((program) => !wanted.programs.includes(program)),
    hooks: before.hooks.filter((hook) => !wanted.hooks.includes(hook)),
  };
}

function restoring({ programs, hooks }: Retirement, facts: RenewerFacts): Step[] {
  return [
    ...oncePerFile(
      facts.retired
        .filter(({ program }) => programs.includes(program))
        .map(({ kind, program, file }): Step => ["restore", kind, program, file]),
    ),
    ...facts.scripts
      .filter(({ program, path }) => (program === HOOK ? hooks.includes(path) : programs.includes(program)))
      .map(({ program, path }): Step => ["restore", "script", program, path]),
  ];
}

/** The hooks of a dehydrated that is to go on: without its hook it would renew nothing, not even for other servers. */
export function indispensable({ programs, hooks }: Retirement, facts: RenewerFacts): string[] {
  if (programs.includes("dehydrated") || !facts.active.some(({ program }) => program === "dehydrated"))
    return [];
  return hooks.filter((hook) => facts.runnable.has(hook) && facts.needed.has(hook));
}

/** What runs a client that is to be off, and another one that is to go on: its certificates would expire. */
export interface SharedPlace {
  readonly renewer: Renewer;
  /** The client that is to go on. */
  readonly other: string;
}

export function sharedPlaces({ programs }: Retirement, { active }: RenewerFacts): SharedPlace[] {
  const others = new Map(
    active.filter(({ program }) => !programs.includes(program)).map(({ where, program }) => [where, program]),
  );
  return active
    .filter(({ program }) => programs.includes(program))
    .flatMap((renewer) => {
      const other = others.get(renewer.where);
      return other === undefined ? [] : [{ renewer, other }];
    });
}

/** What runs a client that is to be off, and no other one. */
export function separable(wanted: Retirement, facts: RenewerFacts): Renewer[] {
  const shared = new Set(sharedPlaces(wanted, facts).map(({ renewer }) => renewer));
  return facts.active.filter((renewer) => wanted.programs.includes(renewer.program) && !shared.has(renewer));
}

function retiring(wanted: Retirement, facts: RenewerFacts): Step[] {
  const { programs, hooks } = wanted;
  const { retired, runnable } = facts;
  const kept = indispensable(wanted, facts);
  return [
    // What is off already too: meanwhile another stack may have switched it on.
    ...oncePerFile(
      [...separable(wanted, facts), ...retired.map(switchedOn)]
        .filter(({ program }) => programs.includes(program))
        .map(({ kind, program, file }): Step => ["retire", kind, program, file]),
    ),
    ...hooks
      .filter((hook) => runnable.has(hook) && !kept.includes(hook))
      .map((hook): Step => ["retire", "script", HOOK, hook]),
  ];
}

/** What is switched off, as it is found when it is on. */
function switchedOn({ kind, program, file }: Retired): Pick<Renewer, "kind" | "program" | "file"> {
  return { kind, program, file: kind === "service" ? posix.join(OWN_UNITS, unitOf(file)) : file };
}

/** A crontab can have a line for each domain: one step is for all lines of a client. */
function oncePerFile(steps: readonly Step[]): Step[] {
  return [...new Map(steps.map((step) => [`${step[2]} ${step[3]}`, step])).values()];
}

/** What is to be off and runs, as words for `pending`; null if nothing does. */
export function runningAgain({ programs, hooks }: Retirement, facts: RenewerFacts): string | null {
  const renewers = facts.active.filter(({ program }) => programs.includes(program));
  const words = [
    ...renewers.map(({ program, where }) => `${program} is not switched off: ${where} runs it`),
    ...hooks.filter((hook) => facts.runnable.has(hook)).map((hook) => `${hook} is executable`),
  ];
  return words.length === 0 ? null : words.slice(0, MOST_WORDS).join("; ");
}

/** A host can have any number of lines. */
const MOST_WORDS = 20;

export function isKnownRenewer(program: string): boolean {
  return (RENEWERS as readonly string[]).includes(program);
}

/** A client that runs from time to time, and something that it runs with one of the words in it. */
export interface ActiveWriter {
  readonly renewer: Renewer;
  readonly path: string;
  readonly word: string;
}
