import { bugReport } from "./errors/bug";
import { EXIT } from "./process/exit-code";
import { run } from "./program";

/** Replaced by the package's version when this is bundled. */
declare const MAIL_SNI_VERSION: string;

// The reader may close the pipe early, as `head` does.
process.stdout.on("error", () => process.exit(EXIT.NOT_CHECKED));

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: () => new Date(),
  interruption: () => interruption(),
};

let isInterrupted = false;

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
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
  // What was interrupted may have connections open.
  if (isInterrupted) process.exit(exitCode);
  process.exitCode = exitCode;
});
