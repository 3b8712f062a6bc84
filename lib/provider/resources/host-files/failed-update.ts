import { declaredPaths } from "./desired-change";
import type { HostFiles } from "./schema";

/** What may be on the host after a failed update: files that were to be removed may still exist. */
export function eitherOf(wanted: HostFiles, prior: HostFiles): HostFiles {
  const merged = <T>(one: Paths<T>, other: Paths<T>): Paths<T> =>
    one || other ? { ...other, ...one } : null;
  return {
    ...wanted,
    directories: merged(wanted.directories, prior.directories),
    files: merged(wanted.files, prior.files),
    links: merged(wanted.links, prior.links),
  };
}

/**
 * The state after a failed update, without what was not deployed. A path that is missing on the host was deployed if it was in the
 * state before, as it was there. One that the update was to add or to remove is not there.
 *
 * @param observed the actual state of what may be on the host
 */
export function withoutUndeployed(observed: HostFiles, wanted: HostFiles, prior: HostFiles): HostFiles {
  const isMissing = (path: string) => observed.missing?.includes(path) === true;
  const deployed = <T>(paths: Paths<T>, desired: Paths<T>, before: Paths<T>): Paths<T> =>
    paths &&
    Object.fromEntries(
      Object.entries(paths).flatMap(([path, entry]) => {
        if (!isMissing(path)) return [[path, entry] as const];
        const known = desired?.[path] === undefined ? undefined : before?.[path];
        return known === undefined ? [] : [[path, known] as const];
      }),
    );
  const state = {
    ...observed,
    directories: deployed(observed.directories, wanted.directories, prior.directories),
    files: deployed(observed.files, wanted.files, prior.files),
    links: deployed(observed.links, wanted.links, prior.links),
  };
  const missing = declaredPaths(state).filter(isMissing);
  return { ...state, missing: missing.length > 0 ? missing : null };
}

type Paths<T> = Record<string, T> | null;
