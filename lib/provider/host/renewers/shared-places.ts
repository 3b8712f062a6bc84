import type { RenewerFacts } from "./retirement";
import { type Change, returningPlaces } from "./returning-places";
import { runningPlaces } from "./running-places";

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
