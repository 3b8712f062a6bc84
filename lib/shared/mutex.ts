/** A mutex for each key: work that shares a key runs one after the other. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the work once no other work has any of the keys. */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const earlier = keys.map((key) => this.#last.get(key));
    // All places in the queues are taken at once, so no two callers can wait for each other.
    const done = Promise.all(earlier).then(work);
    const settled = done.catch(() => {});
    for (const key of keys) this.#last.set(key, settled);
    return done;
  }
}

/** A mutex: work runs one after the other. */
export class Mutex {
  readonly #keyed = new KeyedMutex();

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#keyed.run([""], work);
  }
}
