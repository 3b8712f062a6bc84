import { bugLine, bugReport, isTyped } from "../errors/bug";
import type { Io } from "../process/io";

/** What an error that ended the work on one stack means, as its report says it. */
export type ProblemOf = (error: unknown) => string;

/**
 * Makes errors of one stack lines of its report, so that the other stacks are still run. An unexpected error is written to
 * standard error too, with its stack trace if that is asked for.
 */
export function problemTeller(io: Io, version: string): ProblemOf {
  return (error) => {
    if (isTyped(error)) return error.message;
    io.stderr.write(bugReport(error, io.environment, version));
    return bugLine(error, version);
  };
}
