import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import {
  connect as connectTls,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type SecureVersion,
  type TLSSocket,
} from "node:tls";
import { certificateFacts, type FullChain } from "../certificate-facts";
import { madeOnce } from "../made-once";
import { asHandshakeError, HandshakeError, type HandshakePhase } from "./handshake-error";
import { LineStream } from "./line-stream";
import type { Protocol } from "./protocols";
import { startTls } from "./starttls";

export interface Endpoint {
  /** An IP address or a host name. */
  readonly host: string;
  readonly port: number;
}

interface CommonOptions {
  readonly protocol: Protocol;
  /**
   * The SNI. Anything that is not an IP address is sent as it is, so that a server can also be tested with
   * names that no client should send.
   *
   * @default no SNI
   */
  readonly serverName?: string;
  /**
   * The versions of TLS that are offered.
   *
   * @default all that Node.js supports, from TLS 1.0 on
   */
  readonly versions?: { readonly min: SecureVersion; readonly max: SecureVersion };
  /** The deadline for everything, including connecting and a slow greeting, in milliseconds. */
  readonly deadlineMs: number;
}

/** The target: a TCP endpoint, or any stream that is connected to one, such as the pipes of `ssh -W`. */
export type HandshakeTarget = { readonly endpoint: Endpoint } | { readonly open: () => Duplex };

export type HandshakeOptions = CommonOptions & HandshakeTarget;

/**
 * Performs one handshake and returns the certificate that is presented. It verifies neither the chain, nor
 * the names, nor the dates, and accepts old protocol versions. It sends nothing afterwards and closes the
 * connection.
 *
 * The returned chain contains the presented certificates that lead upwards from the leaf.
 *
 * @throws HandshakeError for every failure, with what the server did instead
 */
export function presentedCertificate(options: HandshakeOptions): Promise<FullChain> {
  return withHandshake(options, presentedBy);
}

/**
 * Performs one handshake, calls `read` with the connection, and closes it.
 *
 * @throws HandshakeError for every failure, with what the server did instead
 */
export async function withHandshake<T>(
  options: HandshakeOptions,
  read: (secure: TLSSocket) => T,
): Promise<T> {
  const progress: Progress = { phase: "connect", streams: [] };
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(HandshakeError.timeout(progress.phase, options.deadlineMs)),
      options.deadlineMs,
    );
  });
  try {
    return await Promise.race([shakeHands(options, progress, read), deadline]);
  } catch (error) {
    throw asHandshakeError(error, progress.phase);
  } finally {
    clearTimeout(timer);
    // Destroy the TLS socket before the stream below it: the other order is a segmentation fault in Node 20.
    for (const stream of progress.streams.reverse()) stream.destroy();
  }
}

/** The state of the attempt: its phase, for messages, and the streams to close. */
interface Progress {
  phase: HandshakePhase;
  readonly streams: Duplex[];
}

async function shakeHands<T>(
  options: HandshakeOptions,
  progress: Progress,
  read: (secure: TLSSocket) => T,
): Promise<T> {
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
  const secure = secured(clear, options);
  keep(secure, progress);
  await Promise.race([once(secure, "secureConnect"), withoutError(secure)]);
  const presented = read(secure);
  // Without this the server may see the connection close before the last message of the handshake, and log
  // it.
  await closed(secure, clear);
  return presented;
}

/** Registers a stream. An error that it emits when nothing awaits one must not end the process. */
function keep(stream: Duplex, progress: Progress): void {
  stream.on("error", () => {});
  progress.streams.push(stream);
}

function secured(socket: Duplex, { serverName, versions }: CommonOptions): TLSSocket {
  return connectTls({
    socket,
    ...(serverName !== undefined && isIP(serverName) === 0 && { servername: serverName }),
    rejectUnauthorized: false,
    secureContext: secureContextFor(versions),
  });
}

/** Making one takes as long as half a handshake. */
const secureContexts = new Map<string, SecureContext>();

function secureContextFor(versions: CommonOptions["versions"]): SecureContext {
  const { min, max } = versions ?? { min: "TLSv1", max: undefined };
  return madeOnce(secureContexts, `${min} ${max}`, () =>
    createSecureContext({
      // Without these Node completes the chain from its own roots.
      ca: [],
      minVersion: min,
      ...(max !== undefined && { maxVersion: max }),
      ciphers: "DEFAULT@SECLEVEL=0",
    }),
  );
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

/**
 * Rejects when the connection closes. A stream other than a socket may close without an error; if it emits
 * one, that comes first.
 */
async function withoutError(secure: TLSSocket): Promise<never> {
  await once(secure, "close");
  throw HandshakeError.closed("handshake");
}

async function closed(secure: TLSSocket, clear: Duplex): Promise<void> {
  secure.end();
  // If the server closes first, a TLS socket on a stream other than a socket may never finish.
  if (clear.readableEnded || clear.destroyed) return;
  await Promise.race([once(secure, "finish"), once(clear, "end"), once(clear, "close")]).catch(() => {});
}
