/** Bytes that arrive in pieces of any size and are taken from the front. A piece costs its own length only. */
export class ByteQueue {
  #store = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** The number of bytes at the front that were searched for the end of a line, and have none. */
  #searched = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(piece: Buffer): void {
    if (this.#end + piece.length > this.#store.length) this.#grow(piece.length);
    piece.copy(this.#store, this.#end);
    this.#end += piece.length;
  }

  /** The length of the first line with its LF; null if it is not complete. */
  lineLength(): number | null {
    const at = this.#held().indexOf("\n", this.#searched);
    this.#searched = at === -1 ? this.length : at;
    return at === -1 ? null : at + 1;
  }

  /** Removes bytes from the front, of which there must be so many. */
  take(count: number): string {
    const taken = this.first(count);
    this.#start += count;
    this.#searched = 0;
    return taken;
  }

  /** At most so many bytes of the front. */
  first(count: number): string {
    return this.#held().toString("utf8", 0, count);
  }

  #held(): Buffer {
    return this.#store.subarray(this.#start, this.#end);
  }

  #grow(by: number): void {
    const store = Buffer.alloc(2 * (this.length + by));
    this.#end = this.#held().copy(store);
    this.#start = 0;
    this.#store = store;
  }
}
