import { type AskLimits, askCall, type Said, saidIn } from "../../../../shared/transport/asked";
import { type Answer, type Call, type Session, SessionLost } from "../../../../shared/transport/session";
import type { Transport } from "../../../../shared/transport/transport";
import { HostUnreachable } from "../../../../shared/transport/unreachable";
import type { DeclaredFiles } from "../../declared/declared-files";
import type { DeclaredHost } from "../../declared/declared-host";
import { type Finding, skipped } from "../../examination/finding";

/** The time for all questions to a host, after which its shell is ended. */
const LIFETIME_MS = 120_000;
const LIMITS: AskLimits = { commandMs: 20_000, bytes: 8 * 1024 * 1024 };

export interface HostOptions {
  readonly declared: DeclaredHost;
  readonly files: DeclaredFiles;
  readonly now: () => Date;
  readonly transport: Transport;
}

/** A host of a stack, with a shell there that all checks share. Nothing is changed through it. */
export class HostThere {
  #connected: Promise<HostUnreachable | null> | undefined;
  #opened: Promise<Session | HostUnreachable> | undefined;
  /** Settled when all calls so far are answered. */
  #uses: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(private readonly options: HostOptions) {}

  get declared(): DeclaredHost {
    return this.options.declared;
  }

  get files(): DeclaredFiles {
    return this.options.files;
  }

  now(): Date {
    return this.options.now();
  }

  /** Why there is no connection; null if there is one. */
  connected(): Promise<HostUnreachable | null> {
    this.#connected ??= this.options.transport.connect().then(() => null, asUnreachable);
    return this.#connected;
  }

  /** Makes one call. @throws {SessionLost} {HostUnreachable} */
  call(...call: Call): Promise<Answer> {
    return this.#use((session) => session.call(...call));
  }

  /** Runs commands on the host, in one trip. Undefined for one that took too long or printed too much. */
  ask(commands: readonly (readonly string[])[]): Promise<(Said | undefined)[]> {
    return this.#use(async (session) => {
      const answers = await session.roundFor(commands, (command) => askCall(command, LIMITS));
      return answers.map(([, answer]) => saidIn(answer));
    });
  }

  /** Ends the shell when all calls are answered. A check that goes on regardless gets no further answer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#uses;
    const session = await this.#opened?.catch(() => undefined);
    if (session !== undefined && !(session instanceof HostUnreachable)) await session.close().catch(() => {});
  }

  #use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new SessionLost("the checks have ended"));
    const use = this.#session().then(work);
    this.#uses = Promise.allSettled([this.#uses, use]);
    return use;
  }

  async #session(): Promise<Session> {
    this.#opened ??= this.options.transport.open(LIFETIME_MS).catch(asUnreachable);
    const session = await this.#opened;
    if (session instanceof HostUnreachable) throw session;
    return session;
  }
}

function asUnreachable(error: unknown): HostUnreachable {
  if (error instanceof HostUnreachable) return error;
  throw error;
}

/** Findings that need a shell; without one they are skipped, since another check says why there is none. */
export async function throughShell(look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof HostUnreachable || error instanceof SessionLost)) throw error;
    return [skipped("there is no shell on the host")];
  }
}
