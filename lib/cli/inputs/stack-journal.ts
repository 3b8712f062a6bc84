import type { JournalEntry } from "../../shared/journal/entry";
import { type JournalPlace, journalPlace } from "../../shared/journal/place";
import { refuseOpenDirectory, refuseUnusableDirectory, Unsafe } from "../../shared/journal/private-directory";
import { readJournalDirectory } from "../../shared/journal/read-directory";
import type { Member } from "../../shared/json/member";
import type { JournalBlock } from "../../shared/provider-block/blocks";
import { printableLine } from "../../shared/text/printable";
import { plural } from "../output/plural";

const MOST_HOSTS = 10_000;
const MOST_CHARACTERS = 8192;

/** `journal` of the provider block in a stack's document. */
export function declaredJournal(document: Member): JournalBlock | undefined {
  const block = document
    .member("provider")
    .optional((found) => found.member("mailsni"))
    ?.optional((found) => found.list(1000, (one) => one.member("journal")))?.[0];
  const [directory, hosts] = [
    block?.optional((found) => found.member("directory").optional((path) => path.text(MOST_CHARACTERS))),
    block?.optional((found) =>
      found.member("hosts").optional((names) => names.list(MOST_HOSTS, (name) => name.text(MOST_CHARACTERS))),
    ),
  ];
  if (hosts) return { hosts };
  return directory ? { directory } : undefined;
}

/** What a journal on this machine has of one stack; or why a deploy would not use it. */
export interface StackJournal {
  readonly path: string;
  readonly entries: readonly JournalEntry[];
  /** Files that are not taken for entries. */
  readonly ignored: readonly string[];
  /** What is wrong with the directory, and what to do; null if nothing is. */
  readonly fault: { readonly problem: string; readonly remedy: string } | null;
}

/** Null if it is in no directory of this machine. */
export function stackJournal(
  stack: string,
  block: JournalBlock | undefined,
  environment: NodeJS.ProcessEnv,
  directory: string,
): StackJournal | Exclude<JournalPlace, { is: "directory" }> {
  const place = journalPlace(block, environment, directory);
  if (place.is !== "directory") return place;
  const { path, home } = place;
  return { path, ...contentsOf(path, stack), fault: faultOf(path, home) };
}

function contentsOf(path: string, stack: string): Pick<StackJournal, "entries" | "ignored"> {
  try {
    refuseOpenDirectory(path);
    const { files, ignored } = readJournalDirectory(path);
    return { ignored, entries: files.map(({ entry }) => entry).filter((entry) => entry.stack === stack) };
  } catch {
    // There is none yet, or `fault` says why not.
    return { entries: [], ignored: [] };
  }
}

function faultOf(path: string, home: string | undefined): StackJournal["fault"] {
  try {
    refuseUnusableDirectory(path, home);
    return null;
  } catch (error) {
    const { message } = error as Error;
    const remedy =
      error instanceof Unsafe ? error.remedy : "Make it a directory that the user who deploys can write to.";
    return { problem: printableLine(message), remedy };
  }
}

/** `2 issued certificates, 1 begun order and 1 account`. */
export function countsOf(entries: readonly JournalEntry[]): string {
  const issued = entries.filter(isIssued).length;
  const accounts = entries.filter(({ kind }) => kind === "account").length;
  const counts = [
    counted(issued, "issued certificate"),
    counted(entries.length - issued - accounts, "begun order"),
    counted(accounts, "account"),
  ].filter(Boolean);
  return [counts.slice(0, -1).join(", "), counts.at(-1)].filter(Boolean).join(" and ");
}

/** Whether the certificate was downloaded; otherwise its order is begun, at the CA or here. */
export function isIssued(entry: JournalEntry): boolean {
  return entry.kind === "certificate" && entry.leaf !== null;
}

function counted(count: number, what: string): string {
  return count === 0 ? "" : plural(count, what);
}
