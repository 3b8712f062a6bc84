import { resolve, sep } from "node:path";
import type { MailSniErrorCode } from "./codes";

/** Every error that the constructs throw on purpose. The code is stable; the words are for people. */
export class MailSniError extends Error {
  declare readonly code: MailSniErrorCode;
  /** What was given and what is wrong with it. */
  declare readonly problem: string;
  /** What to write or do instead. */
  declare readonly remedy: string;

  constructor(code: MailSniErrorCode, problem: string, remedy: string) {
    super(`${problem} ${remedy} [${code}]`);
    // Not enumerable: Node.js would print them below a message that has them all.
    Object.defineProperties(this, {
      name: { value: "MailSniError" },
      code: { value: code },
      problem: { value: problem },
      remedy: { value: remedy },
    });
    this.stack = withoutOwnFrames(this);
  }
}

const PACKAGE = resolve(__dirname, "../..") + sep;

/** A mistake is where the user's own program calls the package, not in the depths of it. */
function withoutOwnFrames(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  return [String(error), ...frames.filter((frame) => !frame.includes(PACKAGE))].join("\n");
}

/** The same error, said to be about one of several things: a row of a file, the certificate of a domain. */
export function errorOf(subject: string, { code, problem, remedy }: MailSniError): MailSniError {
  return new MailSniError(code, `${subject}: ${problem}`, remedy);
}
