import type { HandshakeTarget } from "../../../shared/tls/handshake";
import { asHandshakeError } from "../../../shared/tls/handshake-error";
import { presentation } from "../../../shared/tls/presentation";
import type { Ask } from "../../../shared/tls/schedule";
import type { Transports } from "../../../shared/transport/ssh/transports";
import { type Question, serverNameOf } from "../questions/question";

/**
 * Makes the handshake that a question asks for: from this machine, as clients do, or from the host itself.
 *
 * @param deadlineMs the time for one handshake, including the connection and the greeting, but not the SSH login
 */
export function askWith(transports: Transports, deadlineMs: number): Ask<Question> {
  return async (question) => {
    const { asked, endpoint } = question;
    const serverName = serverNameOf(question);
    try {
      const target = await targetOf(question, transports);
      if (target === null) return { kind: "no-address" };
      const presented = await presentation({
        ...target,
        protocol: endpoint.protocol,
        deadlineMs,
        ...(serverName !== undefined && { serverName }),
        ...(asked.kind === "version" && { versions: { min: asked.version, max: asked.version } }),
      });
      return { kind: "presented", presentation: presented };
    } catch (error) {
      return { kind: "failed", error: asHandshakeError(error, "connect") };
    }
  };
}

/** @throws {HostUnreachable | SessionLost} */
async function targetOf(question: Question, transports: Transports): Promise<HandshakeTarget | null> {
  const { address, endpoint, through: ssh } = question;
  if (address === null) return null;
  const { port, protocol } = endpoint;
  const transport = transports.to({ ...(ssh !== undefined && { ssh }) });
  await transport.connect();
  return transport.target({ address, port, protocol });
}

/** The machine whose connections are limited together: the SSH host if there is one, or else the address. */
export function machineOf({ address, through }: Question): string | null {
  return through === undefined ? address : JSON.stringify(through);
}
