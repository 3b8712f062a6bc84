import { HandshakeError, type HandshakePhase } from "./handshake-error";
import type { LineStream } from "./line-stream";
import type { StartTlsProtocol } from "./protocols";

/**
 * Brings a conversation to the point where the next bytes are the TLS handshake.
 *
 * @param greeted called when the server has greeted: a slow greeting is often a policy, a slow answer is a
 *   fault
 * @throws HandshakeError if the server does not offer TLS, refuses it, or violates the protocol
 */
export function startTls(protocol: StartTlsProtocol, lines: LineStream, greeted: () => void): Promise<void> {
  return DIALOGUES[protocol](lines, greeted);
}

type Dialogue = (lines: LineStream, greeted: () => void) => Promise<void>;

const DIALOGUES: Readonly<Record<StartTlsProtocol, Dialogue>> = { smtp, imap, pop3, sieve };

/** RFC 3207. */
async function smtp(lines: LineStream, greeted: () => void): Promise<void> {
  await smtpReply(lines, "220", "greeting");
  greeted();
  // An address literal, because the server need not know a name of this machine (RFC 5321 §4.1.3).
  lines.send("EHLO [127.0.0.1]");
  const [, ...keywords] = await smtpReply(lines, "250", "starttls");
  if (!keywords.some((line) => /^STARTTLS\s*$/i.test(line)))
    throw HandshakeError.startTlsNotOffered("STARTTLS");
  lines.send("STARTTLS");
  await smtpReply(lines, "220", "starttls");
}

/** The texts of one reply, which has several lines if a hyphen follows the code (RFC 5321 §4.2.1). */
async function smtpReply(lines: LineStream, code: string, phase: HandshakePhase): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const line = await lines.line();
    const [, given, separator, text] = /^(\d{3})(?:([ -])(.*))?$/.exec(line) ?? [];
    if (given !== code) throw HandshakeError.unexpectedLine(phase, line);
    texts.push(text ?? "");
    if (separator !== "-") return texts;
  }
}

/** RFC 9051 §6.2.1. */
async function imap(lines: LineStream, greeted: () => void): Promise<void> {
  const greeting = await lines.line();
  // After PREAUTH a client can no longer start TLS.
  if (/^\* PREAUTH\b/i.test(greeting)) throw HandshakeError.startTlsNotOffered("STARTTLS");
  if (!/^\* OK\b/i.test(greeting)) throw HandshakeError.unexpectedLine("greeting", greeting);
  greeted();
  const untagged = await imapCommand(lines, "a1", "CAPABILITY");
  const offered = untagged.some((line) => /^\* CAPABILITY\b.* STARTTLS(?= |$)/i.test(line));
  if (!offered) throw HandshakeError.startTlsNotOffered("STARTTLS");
  await imapCommand(lines, "a2", "STARTTLS");
}

/** Sends a command and returns the untagged lines before its completion. */
async function imapCommand(lines: LineStream, tag: string, command: string): Promise<string[]> {
  lines.send(`${tag} ${command}`);
  const untagged: string[] = [];
  for (;;) {
    const line = await lines.line();
    if (new RegExp(`^${tag} OK\\b`, "i").test(line)) return untagged;
    if (!line.startsWith("* ") || /^\* BYE\b/i.test(line))
      throw HandshakeError.unexpectedLine("starttls", line);
    untagged.push(line);
  }
}

/** RFC 2595 §4. */
async function pop3(lines: LineStream, greeted: () => void): Promise<void> {
  const greeting = await lines.line();
  if (!isPop3Ok(greeting)) throw HandshakeError.unexpectedLine("greeting", greeting);
  greeted();
  const capabilities = await pop3Capabilities(lines);
  const offered = capabilities?.some((line) => /^STLS\s*$/i.test(line));
  if (offered === false) throw HandshakeError.startTlsNotOffered("STLS");
  lines.send("STLS");
  const answer = await lines.line();
  if (isPop3Ok(answer)) return;
  throw offered
    ? HandshakeError.unexpectedLine("starttls", answer)
    : HandshakeError.startTlsNotOffered("STLS");
}

/**
 * The capabilities; null if the server does not know CAPA, which is optional (RFC 2449 §5) and says nothing
 * about STLS.
 */
async function pop3Capabilities(lines: LineStream): Promise<string[] | null> {
  lines.send("CAPA");
  const answer = await lines.line();
  if (/^-ERR\b/i.test(answer)) return null;
  if (!isPop3Ok(answer)) throw HandshakeError.unexpectedLine("starttls", answer);
  const capabilities: string[] = [];
  for (let line = await lines.line(); line !== "."; line = await lines.line()) capabilities.push(line);
  return capabilities;
}

function isPop3Ok(line: string): boolean {
  return /^\+OK\b/i.test(line);
}

/** RFC 5804 §2.2: the capabilities are the greeting. */
async function sieve(lines: LineStream, greeted: () => void): Promise<void> {
  const capabilities = await sieveResponse(lines, "greeting");
  greeted();
  if (!capabilities.some((line) => /^"?STARTTLS"?\s*$/i.test(line)))
    throw HandshakeError.startTlsNotOffered("STARTTLS");
  lines.send("STARTTLS");
  await sieveResponse(lines, "starttls");
}

/** The lines of a response before the OK that ends it. */
async function sieveResponse(lines: LineStream, phase: HandshakePhase): Promise<string[]> {
  const data: string[] = [];
  for (;;) {
    const line = await sieveLine(lines);
    if (/^OK\b/i.test(line)) return data;
    if (/^(NO|BYE)\b/i.test(line) || !/^["{]|^STARTTLS/i.test(line)) {
      throw HandshakeError.unexpectedLine(phase, line);
    }
    data.push(line);
  }
}

/** The maximum length in characters. The longest capability of a server is a list of mechanisms. */
const LONGEST_SIEVE_LINE = 16_384;

/** A line in which literals (`{5}`, and that many bytes on the next line) are replaced by strings. */
async function sieveLine(lines: LineStream): Promise<string> {
  let line = await lines.line();
  for (;;) {
    const literal = /\{(\d{1,9})\+?\}$/.exec(line);
    if (literal === null) return line;
    if (line.length > LONGEST_SIEVE_LINE) throw HandshakeError.unexpectedLine("greeting", line);
    const text = await lines.bytes(Number(literal[1]));
    line = `${line.slice(0, literal.index)}"${text}"${await lines.line()}`;
  }
}
