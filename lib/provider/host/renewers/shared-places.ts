import type { Retired } from "../../../shared/renewers/renewers";
import { unitOf } from "../../../shared/renewers/units";
import { bothOf, NOTHING_RETIRED, type RenewerFacts, type Retirement } from "./retirement";
import { areAllWanted, type RunningPlace, runningPlaces } from "./running-places";

/** Something that runs a client that is to be off, and another one that is to go on: its certificates would expire. */
export interface SharedPlace {
  readonly where: string;
  /** The client that is to be off. */
  readonly program: string;
  /** The client that is to go on. */
  readonly other: string;
  /** Whether it is off until the change. */
  readonly isOff: boolean;
}

/** A change of what is off for a stack. */
export interface Change {
  readonly stack: string;
  readonly wanted: Retirement;
  /** What the stack has wanted before, as far as it is known; what the host has recorded of it is added. */
  readonly before: Retirement;
}

/** What the change leaves running, or has run again, although it runs a client that is to be off. */
export function sharedPlaces(change: Change, facts: RenewerFacts): SharedPlace[] {
  const { wanted } = change;
  const running = runningPlaces(facts.active).map((place) => ({ ...place, isOff: false }));
  const returning = returningPlaces(change, facts).map((place) => ({ ...place, isOff: true }));
  return [...running, ...returning].flatMap(({ where, programs, isOff }) => {
    const program = programs.find((one) => wanted.programs.includes(one));
    const other = programs.find((one) => !wanted.programs.includes(one));
    return program === undefined || other === undefined ? [] : [{ where, program, other, isOff }];
  });
}

/** All that the stack has ever switched off: that of its state, and what a killed run has left without one. */
export function everWanted({ stack, before }: Omit<Change, "wanted">, { owned }: RenewerFacts): Retirement {
  return bothOf(before, owned.get(stack) ?? NOTHING_RETIRED);
}

type OffPlace = Pick<RunningPlace, "where" | "programs">;

/** What is off, and runs again because the stack no longer wants all of its clients off, and no other stack does. */
function returningPlaces({ stack, wanted, before }: Change, facts: RenewerFacts): OffPlace[] {
  const ever = everWanted({ stack, before }, facts).programs;
  const dropped = ever.filter((program) => !wanted.programs.includes(program));
  const others = [...facts.owned].flatMap(([name, owned]) => (name === stack ? [] : [owned]));
  return offPlaces(facts).filter(
    ({ programs }) =>
      programs.some((program) => dropped.includes(program)) &&
      !others.some((other) => areAllWanted(programs, other)),
  );
}

function offPlaces({ retired, scripts, active }: RenewerFacts): OffPlace[] {
  const running = new Set(active.map(({ file }) => file));
  return [
    ...retired.map((place) => ({ where: whereOf(place), programs: place.programs })),
    ...scripts
      .filter(({ path }) => !running.has(path))
      .map(({ path, programs }) => ({ where: path, programs })),
  ];
}

function whereOf({ kind, file, line }: Retired): string {
  return kind === "service" ? unitOf(file) : `${file}:${line}`;
}
