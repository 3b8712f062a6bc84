/** Lets one at a time have to do with a thing, whatever it is that the names are of. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work when nobody else has to do with any of the things. */
  async take<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const earlier = names.map((name) => this.#last.get(name));
    // All places in the queues are taken at once, so nobody can wait for somebody who waits for them.
    const done = Promise.all(earlier).then(work);
    const settled = done.catch(() => {});
    for (const name of names) this.#last.set(name, settled);
    return done;
  }
}
