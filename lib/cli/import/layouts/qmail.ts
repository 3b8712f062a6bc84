import { posix } from "node:path";
import type { Listing } from "../gather/listing";
import type { FoundServer, ServerEntry } from "./server";

const CONTROL = "/var/qmail/control";
const FALLBACK = `${CONTROL}/servercert.pem`;
/** The directory with a directory for each name. */
export const QMAIL_ENTRIES = `${CONTROL}/servercerts`;
/** What to list to find qmail. */
export const QMAIL_FILES: readonly string[] = [CONTROL, FALLBACK];

/**
 * qmail with SNI: `control/servercerts/NAME/servercert.pem`, where NAME is exactly what the client sent. Any file there is an
 * entry, whether it can be loaded or not. Null if there is no qmail.
 */
export function qmailServer({ entries }: Listing): FoundServer | null {
  if (entries.get(CONTROL)?.type !== "d") return null;
  const found = new Map<string, ServerEntry>();
  for (const { path, type } of entries.values()) {
    const name = posix.basename(posix.dirname(path));
    // A link that leads nowhere is no entry for qmail, which presents the default then.
    if (type === "l" || path !== `${QMAIL_ENTRIES}/${name}/servercert.pem`) continue;
    found.set(name, { names: [name], certificate: path, key: path, title: path });
  }
  const hasFallback = entries.has(FALLBACK);
  if (!hasFallback && found.size === 0) return null;
  return {
    kind: "qmail",
    title: "qmail",
    fallback: hasFallback ? { certificate: FALLBACK, key: FALLBACK } : null,
    entries: [...found.values()],
    entryFor: (name) => found.get(name),
  };
}

/** The directories below `servercerts` without a file that qmail could load. */
export function emptyQmailEntries({ entries }: Listing): string[] {
  return [...entries.values()].flatMap(({ path, type }) => {
    if (type !== "d" || posix.dirname(path) !== QMAIL_ENTRIES) return [];
    const file = entries.get(`${path}/servercert.pem`);
    return file === undefined || file.type === "l" ? [path] : [];
  });
}
