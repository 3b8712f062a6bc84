import { sameConnection } from "../../../../shared/transport/connection-settings";
import type { DeclaredStack } from "../../declared/declared-stack";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell } from "../../examination/finding";
import type { StackHere } from "./stack";

export const sharedPaths: Check<StackHere> = {
  id: "shared-paths",
  looksAt: "the paths that each stack declares on a host, and those of the stacks before it in the project",
  reports: "paths that two stacks declare on the same host, which refuses the second one",
  findings({ declared, earlier }) {
    const problems = earlier.flatMap((other) =>
      sharedBy(declared, other.declared).map(([host, [path, ...more]]) =>
        shared(host, path, more.length, other.name),
      ),
    );
    return orWell(problems, "no other stack declares its paths on its hosts");
  },
};

type Paths = readonly [string, ...string[]];

/** The paths on hosts of the first stack that the second one declares too, by host. */
function sharedBy(one: DeclaredStack, other: DeclaredStack): (readonly [host: string, paths: Paths])[] {
  return pathsOf(one).flatMap(([host, { connection, paths }]) => {
    const theirs = pathsOf(other).filter(([, there]) => sameConnection(connection, there.connection));
    const [first, ...more] = [...paths]
      .filter((path) => theirs.some(([, there]) => there.paths.has(path)))
      .sort();
    return first === undefined ? [] : [[host, [first, ...more]] as const];
  });
}

/** Without hosts that no longer exist, and those that are not known without the engine. */
function pathsOf({ hosts, files }: DeclaredStack) {
  return [...hosts].flatMap(([name, host]) => {
    const paths = files.get(name)?.paths;
    if (typeof host === "string" || host.isGone || paths === undefined) return [];
    return [[name, { connection: host.connection, paths }] as const];
  });
}

function shared(host: string, path: string, more: number, other: string): Finding {
  const paths = more === 0 ? path : `${path} and ${more} more of its paths`;
  return failure(
    `On host ${host}, stack ${other} declares ${paths}, too: the host will refuse what is deployed last.`,
    "Each path has one owner. Declare the domain, or the service whose file it is, in one of the stacks only.",
  );
}
