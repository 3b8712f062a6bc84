import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteQueue } from "../../../lib/shared/tls/byte-queue";

const text = fc
  .array(fc.constantFrom("a", "bc", "\r", "\n", "ü"), { maxLength: 60 })
  .map((parts) => parts.join(""));

function queueOf(whole: string, pieceLength: number): ByteQueue {
  const queue = new ByteQueue();
  const bytes = Buffer.from(whole);
  for (let at = 0; at < bytes.length; at += pieceLength) {
    queue.append(bytes.subarray(at, at + pieceLength));
    queue.lineLength();
  }
  return queue;
}

describe("GIVEN bytes that arrive in pieces", () => {
  it("THEN the same lines come out as go in, whatever the pieces", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (whole, pieceLength) => {
        const queue = queueOf(whole, pieceLength);
        const lines: string[] = [];
        for (let length = queue.lineLength(); length !== null; length = queue.lineLength()) {
          lines.push(queue.take(length));
        }
        const rest = whole.slice(whole.lastIndexOf("\n") + 1);
        expect(lines).toEqual(whole.match(/[^\n]*\n/g) ?? []);
        expect(queue.first(1_000)).toBe(rest);
        expect(queue.length).toBe(Buffer.byteLength(rest));
      }),
    );
  });

  it("THEN what was taken as bytes is not searched for the end of a line", () => {
    const queue = queueOf("{3}\na\nbc\n", 100);
    expect(queue.take(4)).toBe("{3}\n");
    expect(queue.take(3)).toBe("a\nb");
    expect(queue.lineLength()).toBe(2);
    queue.append(Buffer.from("d\n"));
    expect(queue.take(2)).toBe("c\n");
    expect(queue.lineLength()).toBe(2);
  });
});
