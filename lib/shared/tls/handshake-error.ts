import { ALERTS } from "./alerts";

/** The phase of the attempt: connecting, waiting for the greeting, requesting TLS, the TLS handshake. */
export type HandshakePhase = "connect" | "greeting" | "starttls" | "handshake";

export type HandshakeFailure =
  /** No process listens on the port. */
  | "refused"
  /** The address cannot be resolved or reached, or connecting failed in another way. */
  | "unreachable"
  /** The connection was to be forwarded, and forwarding is not allowed. */
  | "forbidden"
  /** The deadline passed; the phase tells in which step. */
  | "timeout"
  /** The server, or a system in between, closed the connection. */
  | "closed"
  | "starttls-not-offered"
  /** The server sent a fatal TLS alert. */
  | "alert"
  /** The server sent something that its protocol does not allow here, or refused in words. */
  | "protocol";

export interface TlsAlert {
  readonly number: number;
  /** The name in the registry of TLS alerts, such as `unrecognized_name`. */
  readonly name: string;
}

/** A handshake in which no certificate was presented, with the reason. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";

  private constructor(
    readonly failure: HandshakeFailure,
    readonly phase: HandshakePhase,
    message: string,
    /** The alert, if the failure is "alert". */
    readonly alert: TlsAlert | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static timeout(phase: HandshakePhase, deadlineMs: number): HandshakeError {
    return new HandshakeError(
      "timeout",
      phase,
      `${WAITING_FOR[phase]} took longer than ${deadlineMs / 1000} s`,
    );
  }

  static closed(phase: HandshakePhase, cause?: unknown): HandshakeError {
    return new HandshakeError(
      "closed",
      phase,
      `the connection was closed during ${WAITING_FOR[phase]}`,
      null,
      { cause },
    );
  }

  static startTlsNotOffered(command: "STARTTLS" | "STLS"): HandshakeError {
    return new HandshakeError("starttls-not-offered", "starttls", `the server does not offer ${command}`);
  }

  static protocol(phase: HandshakePhase, what: string, cause?: unknown): HandshakeError {
    return new HandshakeError("protocol", phase, what, null, { cause });
  }

  /** The server answered with a line that does not lead to TLS. */
  static unexpectedLine(phase: HandshakePhase, line: string): HandshakeError {
    return HandshakeError.protocol(phase, `the server answered ${quoted(line)}`);
  }

  static alert(number: number, cause: unknown): HandshakeError {
    const name = ALERTS.get(number) ?? "unknown";
    const message = `the server ended the handshake with TLS alert ${number} (${name})`;
    return new HandshakeError("alert", "handshake", message, { number, name }, { cause });
  }

  static ofConnection(failure: "refused" | "unreachable" | "forbidden", cause: Error): HandshakeError {
    const message =
      failure === "refused" ? "the connection was refused" : `no connection: ${reasonOf(cause)}`;
    return new HandshakeError(failure, "connect", message, null, { cause });
  }
}

/** Of a name with several addresses, Node.js gives the errors of all in one that has no message. */
function reasonOf(cause: Error): string {
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  return cause.message || (first instanceof Error ? first.message : "") || cause.name;
}

/** Converts any error into one that says what the server did. */
export function asHandshakeError(error: unknown, phase: HandshakePhase): HandshakeError {
  if (error instanceof HandshakeError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const alert = /SSL alert number (\d+)/.exec(cause.message)?.[1];
  if (alert !== undefined) return HandshakeError.alert(Number(alert), cause);
  const { code = "" } = cause as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return HandshakeError.ofConnection("refused", cause);
  if (CLOSED.has(code)) return HandshakeError.closed(phase, cause);
  if (phase === "connect") return HandshakeError.ofConnection("unreachable", cause);
  // OpenSSL's messages contain names of its source files; only the reason helps the user.
  const reason = (cause as { reason?: string }).reason ?? cause.message;
  const remark = NOT_TLS.has(code) ? ", so what the server sent was not TLS" : "";
  return HandshakeError.protocol(phase, `${WAITING_FOR[phase]} failed: ${reason}${remark}`, cause);
}

const WAITING_FOR: Readonly<Record<HandshakePhase, string>> = {
  connect: "connecting",
  greeting: "the wait for the greeting",
  starttls: "the negotiation of STARTTLS",
  handshake: "the TLS handshake",
};

const CLOSED = new Set([
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_DESTROYED",
  "ECONNABORTED",
]);

const NOT_TLS = new Set(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"]);

function quoted(line: string): string {
  return JSON.stringify(line.length > 200 ? `${line.slice(0, 199)}…` : line);
}
