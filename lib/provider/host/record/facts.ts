import { argumentLists } from "../../../shared/transport/argument-lists";
import { adviceOn } from "../../../shared/transport/complaint";
import { onHost } from "../../../shared/transport/connection-settings";
import type { Answer, Call, Session } from "../../../shared/transport/session";

/** What exists at a path of a host. */
export interface Fact {
  readonly kind: "file" | "directory" | "link" | "other" | "unavailable";
  /** Permission bits, four octal digits. */
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
  /** Names, or `UNKNOWN` if the host has none for the number. */
  readonly owner: string;
  readonly group: string;
  /** The SHA-256 of a file's contents, in lower-case hex. None of a file that is larger than {@link LARGEST_FILE_BYTES}. */
  readonly sha256?: string;
  /** The target of a link. */
  readonly target?: string;
  /** Why the path could not be read, if its kind is `unavailable`. It is not known whether it exists. */
  readonly problem?: string;
}

/** Facts by path; a path at which nothing exists has none. */
export type Facts = ReadonlyMap<string, Fact>;

/**
 * The largest file that a resource can declare. One on a host that is larger is not ours, and is not hashed: another user may have put
 * it there, and a host would read all of it for each plan.
 */
export const LARGEST_FILE_BYTES = 16 * 1024 * 1024;

/** The facts about paths of the host, without `root`. */
export async function lookAt(
  session: Session,
  host: { readonly root: string },
  paths: Iterable<string>,
): Promise<Facts> {
  const byName = new Map([...new Set(paths)].map((path) => [onHost(host, path), path] as const));
  const found = await ask(session, argumentLists([...byName.keys()]));
  return new Map([...found].map(([name, fact]) => [byName.get(name) ?? name, fact]));
}

const ACL_LINE = /^d[^ ]{9}\+ .*?("(?:[^"\\]|\\.)*")$/;

/** The directories with an ACL: their mode does not show who may read new files in them. */
export async function directoriesWithAcl(
  session: Session,
  host: { readonly root: string },
  paths: Iterable<string>,
): Promise<Set<string>> {
  const byName = new Map([...new Set(paths)].map((path) => [onHost(host, path), path] as const));
  const answers = await session.round(
    argumentLists([...byName.keys()]).map((names): Call => ["list", ...names]),
  );
  const lines = answers
    .flatMap(({ output }) => output.split("\n"))
    .filter((line) => line.length <= LONGEST_LINE);
  return new Set(
    lines.flatMap((line) => {
      const [, name] = ACL_LINE.exec(line) ?? [];
      return (name !== undefined && byName.get(unquoted(name))) || [];
    }),
  );
}

async function ask(session: Session, groups: readonly (readonly string[])[]): Promise<Map<string, Fact>> {
  const answers = await session.roundFor(groups, (group) => factsCall(group));
  const facts = new Map<string, Fact>();
  const unclear: string[] = [];
  for (const [group, answer] of answers) {
    const { found, complaints } = parseFacts(answer);
    for (const name of group) {
      const fact = found.get(name);
      if (fact) facts.set(name, fact);
      if (complaints.length > 0 && !isComplete(fact)) unclear.push(name);
    }
  }
  for (const [name, fact] of await askOneByOne(session, unclear)) facts.set(name, fact);
  return facts;
}

function factsCall(names: readonly string[]): Call {
  return ["facts", String(LARGEST_FILE_BYTES), ...names];
}

/** Asks about each path separately, because an error message of the tools does not always identify the path. */
async function askOneByOne(session: Session, names: readonly string[]): Promise<Map<string, Fact>> {
  const answers = await session.roundFor(names, (name) => factsCall([name]));
  return new Map(
    answers.flatMap(([name, answer]) => {
      const { found, complaints } = parseFacts(answer);
      const [complaint] = complaints;
      const fact = complaint === undefined ? found.get(name) : unavailable(complaint);
      return fact ? [[name, fact] as const] : [];
    }),
  );
}

function isComplete(fact: Fact | undefined): boolean {
  return fact !== undefined && (fact.kind !== "file" || fact.sha256 !== undefined);
}

/** The number of characters that are kept of a problem. Error messages of a system are shorter. */
const LONGEST_PROBLEM = 200;
/** Two paths, that of the file and a link's target, of 4,096 bytes each, with four characters for a byte. */
const LONGEST_LINE = 40_000;

function unavailable(complaint: string): Fact {
  const problem = complaint.slice(complaint.lastIndexOf(": ") + 2).slice(0, LONGEST_PROBLEM);
  return { kind: "unavailable", mode: "", uid: "", gid: "", owner: "", group: "", problem };
}

/** Why a path could not be read, and what to do. @param fact of the kind `unavailable` */
export function whyUnavailable({ problem = "" }: Fact): string {
  return `${problem}. ${adviceOn(problem) ?? "Run `stat` on it there to see why"}.`;
}

const STAT_LINE =
  /^([0-9a-f]{4,8})\t(\d{1,10})\t(\d{1,10})\t([^\t]{1,256})\t([^\t]{1,256})\t("(?:[^"\\]|\\.)*")(?: -> (".*"))?$/;
const HASH_LINE = /^(\\?)([0-9a-f]{64}) [ *](.*)$/;
const NOTHING_THERE = /: (No such file or directory|Not a directory)$/;

/** Parses the output of the verb `facts`. */
export function parseFacts({ output }: Answer): { found: Map<string, Fact>; complaints: string[] } {
  const found = new Map<string, Fact>();
  const complaints: string[] = [];
  for (const line of output.split("\n")) {
    const isLine = line.length <= LONGEST_LINE;
    const stat = isLine && STAT_LINE.exec(line);
    const hash = isLine && HASH_LINE.exec(line);
    if (stat) {
      const [, , , , , , name = ""] = stat;
      found.set(unquoted(name), describe(stat));
    } else if (hash) {
      const [, isEscaped, sha256, written = ""] = hash;
      const name = isEscaped ? written.replaceAll("\\\\", "\\") : written;
      const fact = found.get(name);
      if (fact) found.set(name, { ...fact, sha256 });
    } else if (line !== "" && !NOTHING_THERE.test(line)) {
      complaints.push(line);
    }
  }
  return { found, complaints };
}

/** The kinds of files, by the file type bits of `st_mode`. */
const KINDS: Readonly<Record<number, Fact["kind"]>> = { 4: "directory", 8: "file", 10: "link" };

function describe([
  ,
  rawMode = "",
  uid = "",
  gid = "",
  owner = "",
  group = "",
  ,
  target,
]: RegExpExecArray): Fact {
  const mode = Number.parseInt(rawMode, 16);
  return {
    kind: KINDS[mode >> 12] ?? "other",
    mode: (mode & 0o7777).toString(8).padStart(4, "0"),
    uid,
    gid,
    owner,
    group,
    ...(target !== undefined && { target: unquoted(target) }),
  };
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** Decodes a C string as coreutils print it (`QUOTING_STYLE=c`), with bytes beyond ASCII in octal. */
function unquoted(text: string): string {
  const bytes = text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      String.fromCharCode(
        code.length === 3 ? Number.parseInt(code, 8) : (ESCAPES[code] ?? code.charCodeAt(0)),
      ),
    );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
