import { dirname } from "node:path/posix";

/** A source file, as dependency-cruiser lists it. */
export interface CruisedModule {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

/**
 * Folders that import each other, directly or by way of others. The linter's own rule passes over a folder and one inside it.
 *
 * @returns each ring once, its folders sorted
 */
export function folderRings(modules: readonly CruisedModule[]): readonly (readonly string[])[] {
  const imports = folderImports(modules);
  const reached = new Map([...imports.keys()].map((folder) => [folder, reachableFrom(folder, imports)]));
  const rings = [...imports.keys()].map((folder) =>
    [...(reached.get(folder) ?? [])].filter((other) => reached.get(other)?.has(folder)).sort(),
  );
  return [...new Map(rings.filter(({ length }) => length > 1).map((ring) => [ring.join(), ring])).values()];
}

function folderImports(modules: readonly CruisedModule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const imports = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    const from = dirname(source);
    const targets = imports.get(from) ?? new Set();
    imports.set(from, targets);
    for (const { resolved } of dependencies) if (dirname(resolved) !== from) targets.add(dirname(resolved));
  }
  return imports;
}

function reachableFrom(
  start: string,
  imports: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const target of imports.get(next) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      waiting.push(target);
    }
  }
  return reached;
}
