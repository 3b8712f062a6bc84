import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { certificateFacts, type FullChain } from "../certificate-facts";
import { asHandshakeError, HandshakeError, type HandshakePhase } from "./handshake-error";
import { LineStream } from "./line-stream";
import { type StartTlsProtocol, startTls } from "./starttls";

/** How a client begins: with the handshake itself (465, 993, 995), or in clear, and then with STARTTLS or STLS. */
export type Protocol = "tls" | StartTlsProtocol;

export interface Endpoint {
  /** An address or a name. */
  readonly host: string;
  readonly port: number;
}

interface CommonOptions {
  readonly protocol: Protocol;
  /**
   * The SNI. Anything that is not an IP address is sent as it is, so that a server can also be asked for what no
   * client should send.
   *
   * @default no SNI
   */
  readonly serverName?: string;
  /** For all of it, connecting and a slow greeting included, in milliseconds. */
  readonly deadlineMs: number;
}

/** Where to: a TCP endpoint, or any stream that is connected to one, such as the pipes of `ssh -W`. */
export type HandshakeTarget = { readonly endpoint: Endpoint } | { readonly open: () => Duplex };

export type HandshakeOptions = CommonOptions & HandshakeTarget;

/**
 * Shakes hands once and tells which certificate was presented. It looks and does not judge: neither the chain, nor
 * the names, nor the dates are verified, and old protocol versions are accepted. The connection is closed again with
 * nothing sent on it.
 *
 * The chain holds of what was presented the certificates that lead from the leaf upwards.
 *
 * @throws HandshakeError, always; with what the server did instead
 */
export async function presentedCertificate(options: HandshakeOptions): Promise<FullChain> {
  const progress: Progress = { phase: "connect", streams: [] };
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(HandshakeError.timeout(progress.phase, options.deadlineMs)),
      options.deadlineMs,
    );
  });
  try {
    return await Promise.race([shakeHands(options, progress), deadline]);
  } catch (error) {
    throw asHandshakeError(error, progress.phase);
  } finally {
    clearTimeout(timer);
    // The TLS socket before what it stands on: the other way round is a segmentation fault in Node 20.
    for (const stream of progress.streams.reverse()) stream.destroy();
  }
}

/** What the attempt is doing, for messages, and what has to be closed in the end. */
interface Progress {
  phase: HandshakePhase;
  readonly streams: Duplex[];
}

async function shakeHands(options: HandshakeOptions, progress: Progress): Promise<FullChain> {
  const clear = "open" in options ? options.open() : connectTcp({ ...options.endpoint, noDelay: true });
  keep(clear, progress);
  if ("endpoint" in options) await once(clear, "connect");
  if (options.protocol !== "tls") {
    progress.phase = "greeting";
    const lines = new LineStream(clear);
    await startTls(options.protocol, lines, () => {
      progress.phase = "starttls";
    });
    lines.release();
  }
  progress.phase = "handshake";
  const secure = secured(clear, options.serverName);
  keep(secure, progress);
  await Promise.race([once(secure, "secureConnect"), withoutError(secure)]);
  const presented = presentedBy(secure);
  // Without this the server may see the connection break off before the last message of the handshake, and log it.
  await closed(secure, clear);
  return presented;
}

/** An error that comes while nobody waits, or after somebody else's, is not to end the process. */
function keep(stream: Duplex, progress: Progress): void {
  stream.on("error", () => {});
  progress.streams.push(stream);
}

function secured(socket: Duplex, serverName: string | undefined): TLSSocket {
  return connectTls({
    socket,
    ...(serverName !== undefined && isIP(serverName) === 0 && { servername: serverName }),
    rejectUnauthorized: false,
    // Without these Node completes the chain from its own roots.
    ca: [],
    minVersion: "TLSv1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
}

function presentedBy(secure: TLSSocket): FullChain {
  const certificates: X509Certificate[] = [];
  let peer: DetailedPeerCertificate | undefined = secure.getPeerCertificate(true);
  while (peer?.raw !== undefined) {
    certificates.push(new X509Certificate(peer.raw));
    peer = peer.issuerCertificate === peer ? undefined : peer.issuerCertificate;
  }
  const [leaf, ...chain] = certificates.map((certificate) => certificateFacts(certificate));
  if (leaf === undefined) throw HandshakeError.protocol("handshake", "no certificate was presented");
  return { leaf, chain };
}

/** A stream other than a socket may go without an error; where there is one, it comes before this. */
async function withoutError(secure: TLSSocket): Promise<never> {
  await once(secure, "close");
  throw HandshakeError.closed("handshake");
}

async function closed(secure: TLSSocket, clear: Duplex): Promise<void> {
  secure.end();
  // Where the server is the first to close, what stands on a stream other than a socket may never finish.
  if (clear.readableEnded || clear.destroyed) return;
  await Promise.race([once(secure, "finish"), once(clear, "end"), once(clear, "close")]).catch(() => {});
}
