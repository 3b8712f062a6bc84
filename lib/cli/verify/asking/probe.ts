import type { HandshakeOptions } from "../../../shared/tls/handshake";
import { asHandshakeError } from "../../../shared/tls/handshake-error";
import { presentation } from "../../../shared/tls/presentation";
import type { Ask } from "../../../shared/tls/schedule";
import { type Question, serverNameOf } from "../questions/question";

/**
 * From this machine, as clients do.
 *
 * @param deadlineMs for all of it, connecting and a slow greeting included
 */
export function askFromHere(deadlineMs: number): Ask<Question> {
  return async (question) => {
    const { address, asked, endpoint } = question;
    if (address === null) return { kind: "no-address" };
    const serverName = serverNameOf(question);
    const options: HandshakeOptions = {
      endpoint: { host: address, port: endpoint.port },
      protocol: endpoint.protocol,
      deadlineMs,
      ...(serverName !== undefined && { serverName }),
      ...(asked.kind === "version" && { versions: { min: asked.version, max: asked.version } }),
    };
    try {
      return { kind: "presented", presentation: await presentation(options) };
    } catch (error) {
      return { kind: "failed", error: asHandshakeError(error, "handshake") };
    }
  };
}
