/** Numbers that are the same for the same seed (the generator xorshift32 of Marsaglia, 2003). */
export class Random {
  #state: number;

  /** @param seed any text */
  constructor(seed: string) {
    // FNV-1a, and never zero, which would stay zero.
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(seed)) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#state = hash | 1;
    for (let count = 0; count < 8; count++) this.below(2);
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}
