import { posix } from "node:path";
import type { Listing } from "../gather/listing";
import type { FoundServer, ServerEntry } from "./server";

/** The paths of a qmail in its home. */
interface QmailPaths {
  readonly control: string;
  readonly fallback: string;
  /** The directory with a directory for each name. */
  readonly entries: string;
}

export function qmailPaths(home: string): QmailPaths {
  const control = `${home}/control`;
  return { control, fallback: `${control}/servercert.pem`, entries: `${control}/servercerts` };
}

/**
 * qmail with SNI: `control/servercerts/NAME/servercert.pem`, where NAME is exactly what the client sent. Any file there is an
 * entry, whether it can be loaded or not. Null if there is no qmail.
 */
export function qmailServer({ entries }: Listing, home: string): FoundServer | null {
  const paths = qmailPaths(home);
  if (entries.get(paths.control)?.type !== "d") return null;
  const found = new Map<string, ServerEntry>();
  for (const { path, type } of entries.values()) {
    const name = posix.basename(posix.dirname(path));
    // A link that leads nowhere is no entry for qmail, which presents the default then.
    if (type === "l" || path !== `${paths.entries}/${name}/servercert.pem`) continue;
    found.set(name, { names: [name], certificate: path, key: path, title: path });
  }
  const hasFallback = entries.has(paths.fallback);
  if (!hasFallback && found.size === 0) return null;
  return {
    kind: "qmail",
    title: "qmail",
    fallback: hasFallback ? { certificate: paths.fallback, key: paths.fallback } : null,
    entries: [...found.values()],
    entryFor: (name) => found.get(name),
  };
}

/** The directories below `servercerts` without a file that qmail could load. */
export function emptyQmailEntries({ entries }: Listing, home: string): string[] {
  const directory = qmailPaths(home).entries;
  return [...entries.values()].flatMap(({ path, type }) => {
    if (type !== "d" || posix.dirname(path) !== directory) return [];
    const file = entries.get(`${path}/servercert.pem`);
    return file === undefined || file.type === "l" ? [path] : [];
  });
}

const OTHERS_OR_GROUP_ENTER = 0o011;

/** The directories below `servercerts` that only root can enter: qmail works as another user. */
export function closedQmailEntries({ entries }: Listing, home: string): string[] {
  const directory = qmailPaths(home).entries;
  return [...entries.values()].flatMap(({ path, type, mode, owner }) => {
    const isClosed = type === "d" && owner === "root" && (mode & OTHERS_OR_GROUP_ENTER) === 0;
    return isClosed && posix.dirname(path) === directory ? [path] : [];
  });
}
