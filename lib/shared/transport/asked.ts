import type { Answer, Call } from "./session";
import { inSeconds } from "./timeouts";

/** Limits of a command that the verb `ask` of the host script runs. */
export interface AskLimits {
  /** The timeout of the command. */
  readonly commandMs: number;
  /** The maximum size of its output. */
  readonly bytes: number;
}

/** What a command has printed on standard output, and its exit status. */
export interface Said {
  readonly status: number;
  readonly text: string;
}

/** Runs a command without a file and without the lock of the host. */
export function askCall(command: readonly string[], { commandMs, bytes }: AskLimits): Call {
  return ["ask", String(inSeconds(commandMs)), String(bytes), ...command];
}

/** Undefined if the output was cut off by the timeout or the maximum size. */
export function saidIn({ output }: Answer): Said | undefined {
  const [end, status] = /\n(\d{1,3})\n$/.exec(output.slice(-10)) ?? [];
  if (end === undefined || status === undefined) return undefined;
  return { status: Number(status), text: output.slice(0, -end.length) };
}
