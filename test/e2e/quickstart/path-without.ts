import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A PATH with everything on it but these programs. A directory that has one of them is replaced by one that links to
 * the rest.
 *
 * @param workshop gets such directories
 */
export function pathWithout(programs: readonly string[], workshop: string): string {
  const directories = (process.env.PATH ?? "").split(delimiter).filter((directory) => existsSync(directory));
  return directories
    .map((directory, index) => {
      const names = readdirSync(directory);
      if (!programs.some((program) => names.includes(program))) return directory;
      const others = join(workshop, `path-${index}`);
      mkdirSync(others, { recursive: true });
      for (const name of names.filter((one) => !programs.includes(one))) {
        symlinkSync(join(directory, name), join(others, name));
      }
      return others;
    })
    .join(delimiter);
}
