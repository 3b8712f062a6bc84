import { bugReport } from "./errors/bug";
import { unwritableOutput } from "./errors/unwritable-output";
import { EXIT } from "./process/exit-code";
import { run } from "./program";

/** Replaced by the package's version when this is bundled. */
declare const MAIL_SNI_VERSION: string;

/** From the end of a command's output to that of the process. */
const LONGEST_END_MS = 500;
/** From an unexpected error to the end of the process: longer than a command that notifies of it takes. */
const LONGEST_AFTER_BUG_MS = 90_000;

let needsOutput = true;
let outputFailed = false;
let isFinished = false;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader may close the pipe early, as `head` does.
  const isReaderGone = error.code === "EPIPE";
  if (!isReaderGone && !outputFailed) process.stderr.write(`mail-sni: ${unwritableOutput(error).message}\n`);
  if (needsOutput) process.exit(EXIT.NOT_CHECKED);
  outputFailed ||= !isReaderGone;
});
// What is checked is on standard output: a reader of standard error may go away.
process.stderr.on("error", () => {});

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: () => new Date(),
  interruption: () => interruption(),
  unexpectedError: () => unexpectedError(),
  goOnWithoutReader: () => {
    needsOutput = false;
  },
};

const stop = new AbortController();

function interruption(): AbortSignal {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** Has the command end itself because of an error; null if it leaves that to the process. */
let endCommand: ((error: unknown) => void) | null = null;

function unexpectedError(): Promise<never> {
  return new Promise((_, reject) => {
    endCommand = reject;
  });
}

/** The first error counts: others may follow from it. */
let firstBug: { readonly error: unknown } | null = null;

/** Handles what is thrown outside of any promise chain, such as in the listener of a socket. */
function endWithBug(error: unknown): void {
  if (endCommand === null) exitWithBug(error);
  if (firstBug !== null) return;
  firstBug = { error };
  stop.abort();
  endCommand(error);
  setTimeout(() => exitWithBug(error), LONGEST_AFTER_BUG_MS).unref();
}

function exitWithBug(error: unknown): never {
  process.stderr.write(bugReport(error, process.env, MAIL_SNI_VERSION));
  process.exit(EXIT.NOT_CHECKED);
}

process.on("uncaughtException", endWithBug);
process.on("unhandledRejection", endWithBug);
// The command waits for something that cannot happen any more. Otherwise the exit status would say that all is well.
process.on("beforeExit", () => {
  if (isFinished) return;
  if (firstBug !== null) exitWithBug(firstBug.error);
  endWithBug(new Error("nothing is left to wait for, and the command has not ended"));
});

void run(process.argv.slice(2), io, MAIL_SNI_VERSION).then((status) => {
  isFinished = true;
  endCommand = null;
  const exitCode = outputFailed && status === EXIT.OK ? EXIT.NOT_CHECKED : status;
  process.exitCode = exitCode;
  // Not before all is written: a pipe whose reader is slow takes 64 KiB at a time.
  process.stdout.write("", () => {
    // What was interrupted may have connections open.
    if (stop.signal.aborted) process.exit(exitCode);
    // A lookup that DNS does not answer cannot be ended, and would keep the process for a minute.
    setTimeout(() => process.exit(exitCode), LONGEST_END_MS).unref();
  });
});
