import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import { inWords, type Retired } from "../../../shared/renewers/renewers";
import { unitOf } from "../../../shared/renewers/units";
import { HOOK, indispensable, isHook, type RenewerFacts, type Retirement } from "./retirement";
import { areAllWanted, type RunningPlace, runningPlaces } from "./running-places";

/** Something that runs clients, or is a hook, and that is off or can be switched off. */
interface Place {
  /** The clients for people, or `HOOK`. */
  readonly programs: string;
  /** A crontab, a script, a hook, or the name of a service. */
  readonly name: string;
  /** The number of the line in a crontab; null for anything else. */
  readonly line: number | null;
  readonly isService: boolean;
}

/** What is off, for people: crontabs, scripts, services, hooks. */
export function retiredPlaces(retirement: Retirement, facts: RenewerFacts): string[] {
  return [...new Set(offOf(retirement, facts).map(({ name }) => name))].sort();
}

/**
 * Everything that is off, or that an apply would switch off, and how. The texts are the same before and after, except for the
 * numbers of lines in a file that was edited.
 */
export function placesToRetire(retirement: Retirement, facts: RenewerFacts): string[] {
  const places = [...runningOf(retirement, facts), ...offOf(retirement, facts)];
  const byFile = groupBy(places, ({ programs, name }) => `${programs} ${name}`);
  return [...new Set([...byFile.values()].map(textOf))].sort();
}

/** Those of the places on a host that the planned ones do not name. The numbers of lines do not matter. */
export function unplanned(planned: readonly string[], found: readonly string[]): string[] {
  const known = new Set(planned.map(withoutLines));
  return found.filter((place) => !known.has(withoutLines(place)));
}

function withoutLines(place: string): string {
  return place.replace(/ \(lines? [^()]*\)$/, "");
}

function offOf(retirement: Retirement, facts: RenewerFacts): Place[] {
  const running = new Set([...facts.active.map(({ file }) => file), ...facts.runnable]);
  return [
    ...facts.retired
      .filter(({ programs }) => areAllWanted(programs, retirement))
      .map((found) => placeOf(found, unitOf)),
    ...facts.scripts
      .filter((script) =>
        isHook(script) ? retirement.hooks.includes(script.path) : areAllWanted(script.programs, retirement),
      )
      .filter(({ path }) => !running.has(path))
      .map(({ programs, path }) => ({
        programs: inWords(programs),
        name: path,
        line: null,
        isService: false,
      })),
  ];
}

function runningOf(retirement: Retirement, facts: RenewerFacts): Place[] {
  const kept = indispensable(retirement, facts);
  return [
    ...runningPlaces(facts.active)
      .filter(({ programs }) => areAllWanted(programs, retirement))
      .map((found) => placeOf(found, posix.basename)),
    ...retirement.hooks
      .filter((hook) => facts.runnable.has(hook) && !kept.includes(hook))
      .map((hook) => ({ programs: HOOK, name: hook, line: null, isService: false })),
  ];
}

/** @param serviceOf the name of a service, by its file */
function placeOf(
  { kind, programs, file, line }: Pick<RunningPlace, "kind" | "programs" | "file" | "line"> | Retired,
  serviceOf: (file: string) => string,
): Place {
  const isService = kind === "service";
  return { programs: inWords(programs), name: isService ? serviceOf(file) : file, line, isService };
}

/** How many numbers of lines are named. */
const MOST_LINES = 10;

/** @param places those of the same clients in one file */
function textOf(places: readonly [Place, ...Place[]]): string {
  const [{ programs, name, isService }] = places;
  if (isService) return `${name}: runs ${programs}; systemd skips the service, and its timer stays`;
  if (programs === HOOK) return `${name}: a hook; its execute permission is removed`;
  const lines = [...new Set(places.flatMap(({ line }) => line ?? []))].sort((one, other) => one - other);
  if (lines.length === 0) return `${name}: runs ${programs}; its execute permission is removed`;
  const shown = [...lines.slice(0, MOST_LINES), ...(lines.length > MOST_LINES ? ["…"] : [])].join(", ");
  return lines.length === 1
    ? `${name}: a mark in front of the line that runs ${programs} (line ${shown})`
    : `${name}: a mark in front of ${lines.length} lines that run ${programs} (lines ${shown})`;
}
