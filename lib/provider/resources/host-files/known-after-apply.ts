import type { ChangeResult } from "../../host/desired/change";
import type { Host } from "../../host/host";
import type { Facts } from "../../host/record/facts";
import { withoutUnknowns } from "../../protocol/consistency";
import type { PlannedOf } from "../../protocol/resource";
import { isWhollyKnown } from "../../protocol/values/unknown";
import { questionAbout } from "./observed-state";
import type { HostFiles, HostFilesAttributes } from "./schema";

/** A plan as far as it is known. */
export function filled(planned: PlannedOf<HostFilesAttributes>): HostFiles {
  return withoutUnknowns(planned) as HostFiles;
}

/** What the plan could not know: what is pending, and owners that were not configured. */
export async function completed(
  wanted: HostFiles,
  planned: PlannedOf<HostFilesAttributes>,
  { pending, facts }: ChangeResult,
  host: Host,
): Promise<HostFiles> {
  const state = { ...wanted, pending };
  if (isWhollyKnown({ ...planned, id: null, pending: null })) return state;
  const { applyOwnership } = host.settings;
  // What the change has seen spares another look, but for directories that it made.
  const enough = !applyOwnership || Object.keys(wanted.directories ?? {}).every((path) => facts.has(path));
  // After an error an engine would delete what was created, and an owner that is not configured has no
  // effect.
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
