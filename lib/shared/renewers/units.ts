import { posix } from "node:path";
import { groupBy } from "../grouping";

/** A line of what `renewers` of `find-renewers.sh` has printed about a unit of systemd, with a path without the host's root. */
export interface UnitLine {
  readonly tag: string;
  readonly first: string;
  readonly second: string;
  readonly file: string;
}

/** The units of the administrator. */
export const OWN_UNITS = "/etc/systemd/system";

/** Where units are: each directory overrides those after it (systemd.unit(5)). */
const DIRECTORIES = [
  OWN_UNITS,
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** The target of a link that masks a unit or a drop-in. */
const MASK = "/dev/null";

/** A service that a timer starts, and that runs a client. */
export interface TimedService {
  readonly program: string;
  readonly file: string;
  readonly timer: string;
}

/** The unit that a drop-in is for: `certbot.service` of `certbot.service.d/…`. */
export function unitOf(path: string): string {
  return posix.basename(posix.dirname(path)).replace(/\.d$/, "");
}

/** The units of a host, as systemd puts each together: one file, and drop-ins in `NAME.d` of any directory (systemd.unit(5)). */
export class Units {
  /** The files that count, by name; null for a unit that is masked. */
  readonly #files: ReadonlyMap<string, string | null>;
  /** By name: the drop-ins that count, in the order in which systemd reads them. */
  readonly #dropIns: ReadonlyMap<string, readonly string[]>;
  /** What the lines of each file say. */
  readonly #said: ReadonlyMap<string, readonly UnitLine[]>;
  /** The timers that a link in the `.wants` directory of a target enables. */
  readonly #wanted: ReadonlySet<string>;

  constructor(lines: readonly UnitLine[]) {
    const files = lines.filter(({ tag }) => tag === "T");
    const inDirectory = files.filter(({ file }) => DIRECTORIES.includes(posix.dirname(file)));
    this.#files = chosen(inDirectory, ({ file }) => posix.basename(file));
    this.#dropIns = dropInsIn(files.filter(({ file }) => posix.dirname(file).endsWith(".d")));
    this.#wanted = new Set(
      files
        .filter(({ file, second }) => posix.dirname(file).endsWith(".wants") && second !== MASK)
        .map(({ file }) => posix.basename(file))
        .filter((name) => name.endsWith(".timer")),
    );
    const said = lines.filter(({ tag }) => ["R", "U", "Z"].includes(tag));
    this.#said = groupBy(said, ({ file }) => file);
  }

  /** The services that run a client when a timer starts them. One that runs two is there twice. */
  get timed(): TimedService[] {
    return [...this.#files].flatMap(([name, file]) => {
      const programs = file === null || !name.endsWith(".service") ? [] : this.#programsOf(name);
      const timer = programs.length === 0 ? undefined : this.#timerOf(name);
      return file === null || timer === undefined
        ? []
        : programs.map((program) => ({ program, file, timer }));
    });
  }

  /** The clients in the commands of a service. An empty setting drops those before it. */
  #programsOf(name: string): string[] {
    const commands = new Map<string, string[]>();
    for (const { tag, first: setting, second: program } of this.#saidOf(name)) {
      if (tag === "Z") commands.delete(setting);
      if (tag === "R") commands.set(setting, [...(commands.get(setting) ?? []), program]);
    }
    return [...new Set([...commands.values()].flat())];
  }

  /** A timer that is on and starts the service, or an instance of it. */
  #timerOf(service: string): string | undefined {
    return [...this.#wanted].find((timer) => {
      const unit = this.#startedBy(timer);
      const isOn = this.#files.get(timer) !== null && this.#files.get(templateOf(timer)) !== null;
      return isOn && (unit === service || templateOf(unit) === service);
    });
  }

  #startedBy(timer: string): string {
    const said = [...this.#saidOf(templateOf(timer)), ...this.#saidOf(timer)];
    const unit = said.filter(({ tag }) => tag === "U").at(-1)?.second;
    return unit ?? `${posix.basename(timer, ".timer")}.service`;
  }

  #saidOf(name: string): UnitLine[] {
    const file = this.#files.get(name);
    const files = [...(file ? [file] : []), ...(this.#dropIns.get(name) ?? [])];
    return files.flatMap((path) => this.#said.get(path) ?? []);
  }
}

/** The file that overrides the others of its key; null if it masks them. */
function chosen(lines: readonly UnitLine[], keyOf: (line: UnitLine) => string): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const line of [...lines].sort((one, other) => rank(one) - rank(other))) {
    const key = keyOf(line);
    if (!found.has(key)) found.set(key, line.second === MASK ? null : line.file);
  }
  return found;
}

function rank({ file }: UnitLine): number {
  const directory = posix.dirname(file);
  return DIRECTORIES.indexOf(directory.endsWith(".d") ? posix.dirname(directory) : directory);
}

function dropInsIn(lines: readonly UnitLine[]): Map<string, readonly string[]> {
  const byName = chosen(lines, ({ file }) => `${unitOf(file)}/${posix.basename(file)}`);
  const files = [...byName]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, file]) => file ?? []);
  return groupBy(files, unitOf);
}

/** `renew@.timer` of `renew@domain1.tld.timer`. */
function templateOf(unit: string): string {
  const at = unit.indexOf("@");
  const suffix = /\.\w+$/.exec(unit);
  return at < 0 || suffix === null || suffix.index < at ? unit : `${unit.slice(0, at)}@${suffix[0]}`;
}
