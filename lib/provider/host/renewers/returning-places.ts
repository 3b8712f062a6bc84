import type { Retired } from "../../../shared/renewers/renewers";
import { unitOf } from "../../../shared/renewers/units";
import { bothOf, droppedBy, isHook, NOTHING_RETIRED, type RenewerFacts, type Retirement } from "./retirement";
import { areAllWanted, type RunningPlace } from "./running-places";

/** A change of what is off for a stack. */
export interface Change {
  readonly stack: string;
  readonly wanted: Retirement;
  /** What the stack has wanted before, as far as it is known; what the host has recorded of it is added. */
  readonly before: Retirement;
}

/** All that the stack has ever switched off: that of its state, and what a killed run has left without one. */
export function everWanted({ stack, before }: Omit<Change, "wanted">, { owned }: RenewerFacts): Retirement {
  return bothOf(before, owned.get(stack) ?? NOTHING_RETIRED);
}

/** Something that is off. A hook runs no client. */
export type OffPlace = Pick<RunningPlace, "where" | "programs">;

/** What is off, and is to run again: the stack no longer wants all of its clients off, or the hook, and no other stack does. */
export function returningPlaces(change: Change, facts: RenewerFacts): OffPlace[] {
  const dropped = droppedBy(change.wanted, everWanted(change, facts));
  const others = [...facts.owned].flatMap(([name, owned]) => (name === change.stack ? [] : [owned]));
  const running = new Set([...facts.active.map(({ file }) => file), ...facts.runnable]);
  const scripts = facts.scripts.filter(({ path }) => !running.has(path));
  const hooks = scripts
    .filter((script) => isHook(script) && dropped.hooks.includes(script.path))
    .filter(({ path }) => !others.some((other) => other.hooks.includes(path)));
  const places = [
    ...facts.retired.map((place) => ({ where: whereOf(place), programs: place.programs })),
    ...scripts.map(({ path, programs }) => ({ where: path, programs })),
  ];
  return [
    ...places.filter(
      ({ programs }) =>
        programs.some((program) => dropped.programs.includes(program)) &&
        !others.some((other) => areAllWanted(programs, other)),
    ),
    ...hooks.map(({ path }) => ({ where: path, programs: [] })),
  ];
}

function whereOf({ kind, file, line }: Retired): string {
  return kind === "service" ? unitOf(file) : `${file}:${line}`;
}
