import { posix } from "node:path";

/** A line of what `renewers` of `find-renewers.sh` has printed about a unit of systemd, with a path without the host's root. */
export interface UnitLine {
  readonly tag: string;
  readonly first: string;
  readonly second: string;
  readonly file: string;
}

/** The units of the administrator. */
export const OWN_UNITS = "/etc/systemd/system";

/** Where units are, the directory first that overrides the others. */
const DIRECTORIES = [
  OWN_UNITS,
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** The target of a link that masks a unit or an addition. */
const MASK = "/dev/null";

/** A service that a timer starts, and that runs a client. */
export interface TimedService {
  readonly program: string;
  readonly file: string;
  readonly timer: string;
}

/** The service of a file in its directory of additions: `certbot.service` of `certbot.service.d/…`. */
export function unitOf(path: string): string {
  return posix.basename(posix.dirname(path)).replace(/\.d$/, "");
}

/** The units of a host, as systemd puts each together: one file, and additions in `NAME.d` of any directory. */
export class Units {
  /** The files that count, by name; null for a unit that is masked. */
  readonly #files: ReadonlyMap<string, string | null>;
  /** By name: the additions that count, in the order in which systemd reads them. */
  readonly #additions: ReadonlyMap<string, readonly string[]>;
  /** What the lines of each file say. */
  readonly #said = new Map<string, UnitLine[]>();
  /** The timers that a link in the `.wants` directory of a target enables. */
  readonly #wanted: ReadonlySet<string>;

  constructor(lines: readonly UnitLine[]) {
    const files = lines.filter(({ tag }) => tag === "T");
    const inDirectory = files.filter(({ file }) => DIRECTORIES.includes(posix.dirname(file)));
    this.#files = chosen(inDirectory, ({ file }) => posix.basename(file));
    this.#additions = additionsIn(files.filter(({ file }) => posix.dirname(file).endsWith(".d")));
    this.#wanted = new Set(
      files
        .filter(({ file, second }) => posix.dirname(file).endsWith(".wants") && second !== MASK)
        .map(({ file }) => posix.basename(file))
        .filter((name) => name.endsWith(".timer")),
    );
    for (const line of lines) {
      if (!["R", "U", "Z"].includes(line.tag)) continue;
      this.#said.set(line.file, [...(this.#said.get(line.file) ?? []), line]);
    }
  }

  /** The services that run a client when a timer starts them. */
  get timed(): TimedService[] {
    return [...this.#files].flatMap(([name, file]) => {
      const program = file === null || !name.endsWith(".service") ? undefined : this.#programOf(name);
      const timer = program === undefined ? undefined : this.#timerOf(name);
      return file === null || program === undefined || timer === undefined ? [] : [{ program, file, timer }];
    });
  }

  /** The first client in the commands of a service. An empty setting drops those before it. */
  #programOf(name: string): string | undefined {
    const commands = new Map<string, string[]>();
    for (const { tag, first: setting, second: program } of this.#saidOf(name)) {
      if (tag === "Z") commands.delete(setting);
      if (tag === "R") commands.set(setting, [...(commands.get(setting) ?? []), program]);
    }
    return [...commands.values()].flat()[0];
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
    const files = [...(file ? [file] : []), ...(this.#additions.get(name) ?? [])];
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

function additionsIn(lines: readonly UnitLine[]): Map<string, string[]> {
  const additions = new Map<string, string[]>();
  const counting = chosen(lines, ({ file }) => `${unitOf(file)}/${posix.basename(file)}`);
  for (const [, file] of [...counting].sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (file === null) continue;
    additions.set(unitOf(file), [...(additions.get(unitOf(file)) ?? []), file]);
  }
  return additions;
}

/** `renew@.timer` of `renew@domain1.tld.timer`. */
function templateOf(unit: string): string {
  return unit.replace(/@.*(\.\w+)$/, "@$1");
}
