import { EXIT } from "./process/exit-code";
import { run } from "./program";

/** Replaced by the package's version when this is bundled. */
declare const MAIL_SNI_VERSION: string;

// Who reads the output may have seen enough: `| head`.
process.stdout.on("error", () => process.exit(EXIT.NOT_LOOKED));

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: () => new Date(),
};

run(process.argv.slice(2), io, MAIL_SNI_VERSION).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.stderr.write(`mail-sni: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = EXIT.NOT_LOOKED;
  },
);
