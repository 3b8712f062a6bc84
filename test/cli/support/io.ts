import { Writable } from "node:stream";
import type { Io } from "../../../lib/cli/process/io";

/** What a command gets of its process, for tests: nothing is interrupted or unexpected, and nothing is kept. */
export function testIo(given: Partial<Io> = {}): Io {
  return {
    stdout: nowhere(),
    stderr: nowhere(),
    environment: {},
    now: () => new Date(),
    interruption: () => new AbortController().signal,
    unexpectedError: () => new Promise<never>(() => {}),
    goOnWithoutReader: () => {},
    ...given,
  };
}

function nowhere(): Writable {
  return new Writable({ write: (_piece, _encoding, done) => done() });
}
