import { FIND_RENEWERS } from "../../../shared/renewers/find-renewers";
import { type AskLimits, askCall, saidIn } from "../../../shared/transport/asked";
import { rootPrefix, withoutRoot } from "../../../shared/transport/connection-settings";
import type { Session } from "../../../shared/transport/session";
import dovecotFiles from "../../inputs/dovecot-files.sh";
import lookScript from "./look.sh";

/** What one call of the script has printed, as lines; undefined if it took too long, or printed too much. */
export type Looked = readonly string[] | undefined;

/** The files that the user there may not read. */
export function unreadableIn(looks: readonly Looked[], host: HostLook): string[] {
  const lines = looks.flatMap((looked) => looked ?? []);
  return [...new Set(lines.flatMap((line) => (line.startsWith("U\t") ? [host.without(line.slice(2))] : [])))];
}

/** A function of the script, and its arguments. */
export type Look = readonly [mode: string, ...args: string[]];

const SCRIPT = `${FIND_RENEWERS}\n${dovecotFiles}\n${lookScript}`;

/** Where mail servers have their files, without the root. */
export interface ServerDirectories {
  /** qmail's home, with `control` in it. */
  readonly qmail: string;
  /** The directory of `dovecot.conf`. */
  readonly dovecot: string;
}

export const SERVER_DIRECTORIES: ServerDirectories = { qmail: "/var/qmail", dovecot: "/etc/dovecot" };

const LIMITS: AskLimits = { commandMs: 120_000, bytes: 15 * 1024 * 1024 };

/**
 * Reads from a host through a shell there. Nothing is changed. Paths are those that programs on the host use: without
 * `root`, which is put in front here and taken away from what is found.
 */
export class HostLook {
  /**
   * @param root the directory that all paths are below
   * @param directories where the mail servers have their files
   */
  constructor(
    private readonly session: Session,
    private readonly root: string,
    readonly directories: ServerDirectories = SERVER_DIRECTORIES,
  ) {}

  /** Several calls, in one trip. @throws {SessionLost} */
  async at(looks: readonly Look[]): Promise<Looked[]> {
    const answers = await this.session.roundFor(looks, ([mode, ...args]) =>
      askCall(["sh", "-c", SCRIPT, "sh", mode, rootPrefix({ root: this.root }), ...args], LIMITS),
    );
    return answers.map(([, answer]) => saidIn(answer)?.text.split("\n"));
  }

  /** The path on the host of a path in its files. */
  there(path: string): string {
    return rootPrefix({ root: this.root }) + path;
  }

  /** The reverse. */
  readonly without = (path: string): string => withoutRoot({ root: this.root }, path);
}
