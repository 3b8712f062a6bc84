import type { Writable } from "node:stream";

/** What happens to a stream that holds text: its reader takes it, or goes away. */
const ENDS_OF_WAITING = ["drain", "error", "close"] as const;

/**
 * Writes a text. Waits while the stream holds more than its high-water mark: a pipe takes 64 KiB until it is read, and
 * the rest would stay in memory.
 */
export async function writeTo(stream: Writable, text: string): Promise<void> {
  if (stream.write(text) || !stream.writableNeedDrain) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of ENDS_OF_WAITING) stream.off(event, done);
      resolve();
    };
    for (const event of ENDS_OF_WAITING) stream.on(event, done);
  });
}
