import type { ChangeResult } from "../../host/desired/change";
import type { Host } from "../../host/host";
import type { Facts } from "../../host/record/facts";
import { withoutUnknowns } from "../../protocol/consistency";
import type { PlannedOf } from "../../protocol/resource";
import { isWhollyKnown } from "../../protocol/values/unknown";
import { questionAbout } from "./observed-state";
import type { HostFiles, HostFilesAttributes } from "./schema";

/** The plan with null for unknown values. */
export function filled(planned: PlannedOf<HostFilesAttributes>): HostFiles {
  return withoutUnknowns(planned) as HostFiles;
}

/** The planned state with the values that were unknown: what is pending, and owners that are not configured. */
export async function completed(
  wanted: HostFiles,
  planned: PlannedOf<HostFilesAttributes>,
  { pending, facts }: ChangeResult,
  host: Host,
): Promise<HostFiles> {
  const state = { ...wanted, pending };
  if (isWhollyKnown({ ...planned, id: null, pending: null })) return state;
  const { applyOwnership } = host.settings;
  // Facts from the change save another query, except for directories that it created.
  const enough = !applyOwnership || Object.keys(wanted.directories ?? {}).every((path) => facts.has(path));
  // A failed query is ignored: after an error the engine would delete what was created, and an owner that is
  // not configured has no effect.
  const seen = enough ? facts : (await host.observe(questionAbout(wanted)).catch(() => null))?.facts;
  return seen ? { ...state, ...ownersOf(wanted, seen, applyOwnership) } : state;
}

function ownersOf({ files, directories }: HostFiles, facts: Facts, applyOwnership: boolean) {
  const complete = <T extends { owner: string | null; group: string | null }>(
    map: Record<string, T> | null,
  ) =>
    map &&
    Object.fromEntries(
      Object.entries(map).map(([path, entry]) => {
        const fact = applyOwnership ? facts.get(path) : undefined;
        return [
          path,
          { ...entry, owner: entry.owner ?? fact?.owner ?? null, group: entry.group ?? fact?.group ?? null },
        ];
      }),
    );
  return { files: complete(files), directories: complete(directories) };
}
