import { resolve, sep } from "node:path";
import { truncated } from "../text/truncated";
import type { MailSniErrorCode } from "./codes";

/** In characters. What is quoted may be of any length, and a message has to stay readable: twenty refused rows fit. */
const MOST_OF_PROBLEM = 8_000;
const MOST_OF_REMEDY = 1_800;

/**
 * An error that the constructs throw for a mistake in a stack. The code is stable; the wording may change.
 */
export class MailSniError extends Error {
  /** The code of the mistake, which docs/errors.md or docs/rules.md explains. */
  declare readonly code: MailSniErrorCode;
  /** What was given, and what is wrong with it. */
  declare readonly problem: string;
  /** What to write or do instead. */
  declare readonly remedy: string;

  constructor(code: MailSniErrorCode, problem: string, remedy: string) {
    const shown = { problem: truncated(problem, MOST_OF_PROBLEM), remedy: truncated(remedy, MOST_OF_REMEDY) };
    super(`${shown.problem} ${shown.remedy} [${code}]`);
    // The properties are not enumerable: Node.js would print them below a message that already contains them.
    Object.defineProperties(this, {
      name: { value: "MailSniError" },
      code: { value: code },
      problem: { value: shown.problem },
      remedy: { value: shown.remedy },
    });
    this.stack = withoutOwnFrames(this);
  }
}

const PACKAGE = resolve(__dirname, "../..") + sep;

/**
 * The stack trace without the frames of this package, so that it begins where the user's program calls it.
 */
function withoutOwnFrames(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  return [String(error), ...frames.filter((frame) => !frame.includes(PACKAGE))].join("\n");
}

/** The same error with a prefix that names its subject: a row of a file, the certificate of a domain. */
export function errorOf(subject: string, { code, problem, remedy }: MailSniError): MailSniError {
  return new MailSniError(code, `${subject}: ${problem}`, remedy);
}
