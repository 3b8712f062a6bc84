import { bugReport } from "./errors/bug";
import { unwritableOutput } from "./errors/unwritable-output";
import { EXIT } from "./process/exit-code";
import { run } from "./program";

/** Replaced by the package's version when this is bundled. */
declare const MAIL_SNI_VERSION: string;

/** From the end of a command's output to that of the process. */
const LONGEST_END_MS = 500;

let needsReader = true;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader may close the pipe early, as `head` does.
  const isReaderGone = error.code === "EPIPE";
  if (isReaderGone && !needsReader) return;
  if (!isReaderGone) process.stderr.write(`mail-sni: ${unwritableOutput(error).message}\n`);
  process.exit(EXIT.NOT_CHECKED);
});
// What is checked is on standard output: a reader of standard error may go away.
process.stderr.on("error", () => {});

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: () => new Date(),
  interruption: () => interruption(),
  goOnWithoutReader: () => {
    needsReader = false;
  },
};

let isInterrupted = false;

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      isInterrupted = true;
      controller.abort();
    });
  }
  return controller.signal;
}

/** Handles what is thrown outside of any promise chain, such as in the listener of a socket. */
function endWithBug(error: unknown): never {
  process.stderr.write(bugReport(error, process.env, MAIL_SNI_VERSION));
  process.exit(EXIT.NOT_CHECKED);
}

process.on("uncaughtException", endWithBug);
process.on("unhandledRejection", endWithBug);

void run(process.argv.slice(2), io, MAIL_SNI_VERSION).then((exitCode) => {
  process.exitCode = exitCode;
  // Not before all is written: a pipe whose reader is slow takes 64 KiB at a time.
  process.stdout.write("", () => {
    // What was interrupted may have connections open.
    if (isInterrupted) process.exit(exitCode);
    // A lookup that DNS does not answer cannot be ended, and would keep the process for a minute.
    setTimeout(() => process.exit(exitCode), LONGEST_END_MS).unref();
  });
});
