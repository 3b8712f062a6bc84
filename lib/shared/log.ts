import { printable } from "./text/printable";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** Further fields of a log line. Never put a key or another secret here: logs are attached to bug reports. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * Writes a line to the engine's log, which is visible only if `TF_LOG` or `TF_LOG_PROVIDER` is set.
 *
 * The engine reads JSON lines shorter than 64 KiB on stderr and requires timestamps with six digits of a
 * second. It prints anything else raw.
 */
export function log(level: LogLevel, message: string, fields: LogFields = {}): void {
  if (!process.env.TF_LOG && !process.env.TF_LOG_PROVIDER) return;
  process.stderr.write(`${logLine(level, message, fields, new Date())}\n`);
}

export function logLine(level: LogLevel, message: string, fields: LogFields, time: Date): string {
  const head = {
    "@level": level,
    "@message": shorten(printable(message)),
    "@module": "provider",
    "@timestamp": time.toISOString().replace("Z", "000Z"),
  };
  const line = JSON.stringify({ ...printableFields(fields), ...head });
  return Buffer.byteLength(line) < LONGEST_LINE ? line : JSON.stringify(head);
}

/** Makes the fields printable: the engine shows them without quotes. */
function printableFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" ? printable(value) : value,
    ]),
  );
}

const LONGEST_LINE = 60 * 1024;
// In the worst case one character becomes six bytes of JSON (\u0000).
const LONGEST_MESSAGE = LONGEST_LINE / 8;

function shorten(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}…`;
}
