import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** The script behind `served`. */
export const SERVED = join(__dirname, "served.sh");

/** A host below a directory with the service `served`: how that is told to fail, and what it has been asked and has loaded. */
export abstract class ServedControl {
  abstract readonly root: string;
  /** The directory through which the script is controlled. */
  abstract readonly control: string;

  at(path: string): string {
    return join(this.root, path);
  }

  has(path: string): boolean {
    return existsSync(this.at(path));
  }

  read(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  /** Four octal digits. */
  mode(path: string): string {
    return (lstatSync(this.at(path)).mode & 0o7777).toString(8).padStart(4, "0");
  }

  /** What `served` was asked since the last time, without arguments. */
  calls(): string[] {
    const log = join(this.control, "log");
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, "utf8").trim().split("\n");
    rmSync(log);
    return lines.flatMap((line) => line.split(" ", 1));
  }

  /** Resolves when `served` is asked for this. */
  async called(verb: string): Promise<void> {
    const log = join(this.control, "log");
    while (!existsSync(log) || !readFileSync(log, "utf8").includes(verb)) await delay(10);
  }

  /** Tells `served` how to behave: a file in its control directory. */
  tell(what: string, contents = ""): void {
    writeFileSync(join(this.control, what), contents);
  }

  untell(what: string): void {
    rmSync(join(this.control, what), { force: true });
  }

  /** What `served` presents for a name: undefined for nothing. */
  loaded(name: string): string | undefined {
    const path = join(this.control, "loaded", name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }
}
