import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { CliError } from "../errors/cli-error";

/**
 * Reads a text file. A pipe or a device is read to its end.
 *
 * @param most how many bytes are read at most
 * @throws Error with the system's message, or if there are more bytes
 */
export function boundedText(path: string, most: number): string {
  const file = openSync(path, "r");
  try {
    if (fstatSync(file).size > most) throw tooLarge(most);
    const chunks: Buffer[] = [];
    for (let left = most + 1; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(left, 1 << 20));
      const length = readSync(file, chunk, 0, chunk.length, null);
      if (length === 0) return Buffer.concat(chunks).toString("utf8");
      chunks.push(chunk.subarray(0, length));
      left -= length;
    }
    throw tooLarge(most);
  } finally {
    closeSync(file);
  }
}

function tooLarge(most: number): Error {
  return new Error(`it has more than ${most} bytes`);
}

/**
 * The same, for a regular file. To open a pipe waits for a writer, and no signal ends that.
 *
 * @throws Error
 */
export function regularText(path: string, most: number): string {
  if (!statSync(path).isFile()) throw new Error("it is not a regular file");
  return boundedText(path, most);
}

/**
 * The same, for a file that a command needs.
 *
 * @param refusal makes the error of a command from the reason
 * @param read @default boundedText
 * @throws CliError
 */
export function neededText(
  path: string,
  most: number,
  refusal: (reason: string) => CliError,
  read: typeof boundedText = boundedText,
): string {
  try {
    return read(path, most);
  } catch (error) {
    throw refusal((error as Error).message);
  }
}
