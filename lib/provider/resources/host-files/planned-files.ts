import { sha256 } from "../../../shared/sha256";
import type { PlannedOf } from "../../protocol/resource";
import { isUnknown, type Plannable, UNKNOWN, type Unknown } from "../../protocol/values/unknown";
import { DEFAULT_DIRECTORY_MODE, defaultMode } from "./desired-change";
import type { HostFilesAttributes } from "./schema";

/** Defaults for values that are not configured. They do not depend on the host. */
export function planDirectories(
  planned: PlannedOf<HostFilesAttributes>,
  config: PlannedOf<HostFilesAttributes>,
): void {
  for (const [path, directory] of knownEntries(planned.directories)) {
    if (knownEntry(config.directories, path)?.mode === null) directory.mode = DEFAULT_DIRECTORY_MODE;
  }
}

export function planFiles(
  planned: PlannedOf<HostFilesAttributes>,
  config: PlannedOf<HostFilesAttributes>,
  sha256OfPem: (pem: string) => Plannable<string>,
): void {
  for (const [path, file] of knownEntries(planned.files)) {
    if (knownEntry(config.files, path)?.mode === null) file.mode = defaultMode(file.text);
    const { text } = file;
    const pem = text === null ? secretAt(path, config) : null;
    file.sha256 =
      typeof text === "string" ? sha256(text) : typeof pem === "string" ? sha256OfPem(pem) : UNKNOWN;
  }
}

function knownEntries<T extends object>(
  map: Readonly<Record<string, T | Unknown>> | Unknown | null,
): [string, T][] {
  if (map === null || isUnknown(map)) return [];
  return Object.entries(map).flatMap(([key, value]) =>
    isUnknown(value) ? [] : [[key, value] as [string, T]],
  );
}

function knownEntry<T extends object>(
  map: Readonly<Record<string, T | Unknown>> | Unknown | null,
  key: string,
): T | undefined {
  const value = map === null || isUnknown(map) ? undefined : map[key];
  return value === undefined || isUnknown(value) ? undefined : value;
}

function secretAt(path: string, { secrets }: PlannedOf<HostFilesAttributes>) {
  return isUnknown(secrets) ? UNKNOWN : secrets?.[path];
}

/** What the inspection of the PEMs depends on. */
export function contentsOf({ files, names }: PlannedOf<HostFilesAttributes>) {
  return [knownEntries(files).map(([path, { sha256 }]) => [path, sha256]), names];
}

/** The paths of files whose contents were unknown in the plan. */
export function unknownPems({ files }: PlannedOf<HostFilesAttributes>): ReadonlySet<string> {
  return new Set(knownEntries(files).flatMap(([path, { sha256 }]) => (isUnknown(sha256) ? [path] : [])));
}
