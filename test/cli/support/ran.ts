import { Writable } from "node:stream";
import { run } from "../../../lib/cli/program";
import { testIo } from "./io";

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** @default false */
  readonly isTTY?: boolean;
  /** @default {} */
  readonly environment?: NodeJS.ProcessEnv;
  /** @default the clock of this machine */
  readonly now?: () => Date;
  /** @default never */
  readonly interruption?: AbortSignal;
  /** Is called with all of standard output, each time that something is written there. */
  readonly onOutput?: (out: string) => void;
}

/** Runs a command line of `mail-sni` in this process. */
export async function ran(
  args: readonly string[],
  {
    isTTY = false,
    environment = {},
    now = () => new Date(),
    interruption = new AbortController().signal,
    onOutput,
  }: RunOptions = {},
): Promise<Ran> {
  const out = new Sink(isTTY, onOutput);
  const err = new Sink(isTTY);
  const io = testIo({ stdout: out, stderr: err, environment, now, interruption: () => interruption });
  const exitCode = await run(args, io, "1.2.3");
  return { exitCode, out: out.text, err: err.text };
}

class Sink extends Writable {
  text = "";

  constructor(
    readonly isTTY: boolean,
    private readonly onText?: (text: string) => void,
  ) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string | Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    this.onText?.(this.text);
    done();
  }
}
