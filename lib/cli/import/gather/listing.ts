import type { HostLook, Looked } from "./host-look";

/** A file, a directory or a link that leads nowhere. */
export interface Entry {
  readonly path: string;
  /** `f`: a regular file; `d`: a directory; `l`: a link that leads nowhere; others as in find(1). */
  readonly type: string;
  /** The permission bits. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly bytes: number;
  /** The same for names of the same file. */
  readonly inode: string;
}

/** What is at paths of a host. */
export interface Listing {
  readonly entries: ReadonlyMap<string, Entry>;
  /** The number of names with control characters, which are left out. */
  readonly odd: number;
  /** Whether some of it is missing, because it was too much or took too long. */
  readonly isIncomplete: boolean;
}

/** Reads what `files` and `trees` of the script have printed. */
export function listingOf(looked: readonly Looked[], host: HostLook): Listing {
  const entries = new Map<string, Entry>();
  let odd = 0;
  for (const line of looked.flatMap((lines) => lines ?? [])) {
    const [type = "", mode = "", owner = "", group = "", bytes = "", inode = "", ...path] = line.split("\t");
    if (type === "odd") odd += Number(mode);
    if (path.length === 0) continue;
    const found = { type, mode: Number.parseInt(mode, 8), owner, group, bytes: Number(bytes), inode };
    const name = host.without(path.join("\t"));
    entries.set(name, { path: name, ...found });
  }
  return { entries, odd, isIncomplete: looked.includes(undefined) };
}
