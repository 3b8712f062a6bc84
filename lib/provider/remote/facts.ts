import type { Answer, Call, Session } from "./session";

/** What is found at a path of a host. */
export interface Fact {
  readonly kind: "file" | "directory" | "link" | "other" | "unavailable";
  /** Permission bits, four octal digits. */
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
  /** Names, or `UNKNOWN` where the host has none for the number. */
  readonly owner: string;
  readonly group: string;
  /** Of a file: lower-case hex. */
  readonly sha256?: string;
  /** Of a link. */
  readonly target?: string;
  /** Of what is unavailable: why it could not be looked at. Whether it exists is not known. */
  readonly problem?: string;
}

/** Facts by path; a path at which nothing is has none. */
export type Facts = ReadonlyMap<string, Fact>;

/** The host's tools answered in a way that says nothing. */
export class FactsUnavailable extends Error {
  override readonly name = "FactsUnavailable";
}

/** An argument list has to stay far below what a kernel takes (2 MiB). */
const MOST_BYTES_OF_PATHS = 100_000;

/** What is at each of the paths. @throws {FactsUnavailable} */
export async function lookAt(session: Session, paths: Iterable<string>): Promise<Facts> {
  const groups = inGroups([...new Set(paths)]);
  const answers = await session.round(groups.map((group): Call => ["facts", ...group]));
  return new Map(answers.flatMap((answer, index) => [...parseFacts(answer, groups[index])]));
}

function inGroups(paths: readonly string[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const path of paths) {
    room -= Buffer.byteLength(path) + 1;
    if (room < 0) {
      groups.push([]);
      room = MOST_BYTES_OF_PATHS;
    }
    groups[groups.length - 1].push(path);
  }
  return groups;
}

const STAT_LINE = /^([0-9a-f]{4,}) (\d+) (\d+) (\S+) (\S+) \d+ (.*)$/;
const HASH_LINE = /^(\\?)([0-9a-f]{64}) [ *](.*)$/;
const NOTHING_THERE = /: (No such file or directory|Not a directory)$/;

/** Reads what the verb `facts` printed for `paths`. */
export function parseFacts(answer: Answer, paths: readonly string[]): Map<string, Fact> {
  const facts = new Map<string, Fact>();
  const hashes = new Map<string, string>();
  const complaints: string[] = [];
  const asked = paths[Symbol.iterator]();
  for (const text of answer.output.split("\n")) {
    const hash = HASH_LINE.exec(text);
    const stat = STAT_LINE.exec(text);
    if (hash) {
      hashes.set(hash[1] ? hash[3].replaceAll("\\\\", "\\") : hash[3], hash[2]);
    } else if (stat) {
      const [path, target] = nameAndTarget(asked, stat[6]);
      facts.set(path, { ...describe(stat), target });
    } else if (text !== "" && !NOTHING_THERE.test(text)) {
      complaints.push(text);
    }
  }
  for (const [path, sha256] of hashes) {
    const fact = facts.get(path);
    if (fact) facts.set(path, { ...fact, sha256 });
  }
  for (const complaint of complaints) {
    const path = complainedOf(complaint, paths);
    facts.set(path, { ...UNAVAILABLE, problem: complaint.slice(complaint.lastIndexOf(": ") + 2) });
  }
  return facts;
}

const UNAVAILABLE: Fact = { kind: "unavailable", mode: "", uid: "", gid: "", owner: "", group: "" };

/** `stat: cannot statx 'PATH': Permission denied`, `sha256sum: PATH: Permission denied` */
function complainedOf(complaint: string, paths: readonly string[]): string {
  const subject = complaint.slice(0, complaint.lastIndexOf(": ")).replace(/'$/, "");
  const path = paths
    .filter((candidate) => subject.endsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  if (path === undefined) throw new FactsUnavailable(complaint);
  return path;
}

/** `stat` keeps the order of its arguments and leaves out what does not exist. */
function nameAndTarget(asked: Iterator<string>, printed: string): [path: string, target?: string] {
  for (let next = asked.next(); !next.done; next = asked.next()) {
    const path = next.value;
    if (printed === path) return [path];
    if (printed.startsWith(`${path} -> `)) return [path, printed.slice(path.length + 4)];
  }
  throw new FactsUnavailable(`stat printed an unexpected name: ${printed}`);
}

/** By the file type bits of `st_mode`. */
const KINDS: Readonly<Record<number, Fact["kind"]>> = { 4: "directory", 8: "file", 10: "link" };

function describe([, rawMode, uid, gid, owner, group]: RegExpExecArray): Omit<Fact, "target" | "sha256"> {
  const mode = Number.parseInt(rawMode, 16);
  return {
    kind: KINDS[mode >> 12] ?? "other",
    mode: (mode & 0o7777).toString(8).padStart(4, "0"),
    uid,
    gid,
    owner,
    group,
  };
}
