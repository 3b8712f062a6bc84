import { groupBy } from "../../../shared/grouping";
import type { Renewer } from "../../../shared/renewers/renewers";

/** A line, a script or a service that runs clients: only all of them can be switched off together. */
export interface RunningPlace extends Pick<Renewer, "kind" | "file" | "line" | "where"> {
  /** In alphabetical order. */
  readonly programs: readonly string[];
}

/** What runs clients from time to time, each once. */
export function runningPlaces(active: readonly Renewer[]): RunningPlace[] {
  const byPlace = groupBy(active, ({ where, file }) => `${where}\t${file}`);
  return [...byPlace.values()].map((renewers) => {
    const [{ kind, file, line, where }] = renewers;
    const programs = [...new Set(renewers.map(({ program }) => program))].sort();
    return { kind, file, line, where, programs };
  });
}

/** Whether something that runs these clients may be off: otherwise the certificates of another client would expire. */
export function areAllWanted(
  programs: readonly string[],
  { programs: wanted }: { readonly programs: readonly string[] },
): boolean {
  return programs.every((program) => wanted.includes(program));
}
