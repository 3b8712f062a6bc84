import type { Connection } from "../../shared/transport/connection-settings";
import { sentence } from "../../shared/transport/sentence";
import { type Session, SessionLost } from "../../shared/transport/session";
import { Transports } from "../../shared/transport/ssh/transports";
import { HostUnreachable } from "../../shared/transport/unreachable";
import { CliError } from "../errors/cli-error";

/** The time for all that is done through a shell, after which it is ended. */
const LIFETIME_MS = 900_000;

/**
 * Opens a shell on a host for a piece of work, and closes it afterwards.
 *
 * @throws CliError `CLI_HOST_UNREACHABLE` if there is no shell, or it is lost; and what `work` throws
 */
export async function throughShell<T>(
  connection: Connection,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const transports = new Transports();
  let session: Session | undefined;
  try {
    session = await transports.to(connection).open(LIFETIME_MS);
    return await work(session);
  } catch (error) {
    if (error instanceof HostUnreachable || error instanceof SessionLost) throw unreachable(error);
    throw error;
  } finally {
    await session?.close().catch(() => {});
    await transports.close();
  }
}

function unreachable({ problem, remedy, keyLine }: HostUnreachable | SessionLost): CliError {
  const advice = remedy ?? "Log in to it by hand, with ssh -v, to see more";
  const key = keyLine === undefined ? "" : ` ${keyLine}`;
  return new CliError("CLI_HOST_UNREACHABLE", sentence(problem), `${sentence(advice)}${key}`);
}
