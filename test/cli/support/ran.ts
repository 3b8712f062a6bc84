import { Writable } from "node:stream";
import { run } from "../../../lib/cli/program";

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
}

/** Runs a command line of `mail-sni` in this process. */
export async function ran(
  args: readonly string[],
  { isTTY = false, environment = {} }: RunOptions = {},
): Promise<Ran> {
  const out = new Sink(isTTY);
  const err = new Sink(isTTY);
  const exitCode = await run(args, { stdout: out, stderr: err, environment, now: () => new Date() }, "1.2.3");
  return { exitCode, out: out.text, err: err.text };
}

class Sink extends Writable {
  text = "";

  constructor(readonly isTTY: boolean) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string | Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
