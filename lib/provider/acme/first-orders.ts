import { AcmeFailure } from "./failure";

/** Limits how many certificates that there were none of before a process gets from an account. */
export class FirstOrders {
  readonly #running = new Set<Promise<void>>();
  #used = 0;

  /**
   * Orders one. While as many as are allowed are under way, it waits: one that fails makes room, unless the CA's own limit is
   * why, so that domains that always fail cannot keep all others from being ordered.
   *
   * @param most how many are allowed; null: any number
   * @throws {AcmeFailure} where as many have been ordered; whatever `order` throws
   */
  async run<T>(most: number | null, order: () => Promise<T>): Promise<T> {
    if (most === null) return order();
    while (this.#used + this.#running.size >= most) {
      if (this.#used >= most) throw deferred(most);
      await Promise.race(this.#running);
    }
    const result = order();
    const settled = result.then(
      () => true,
      (error: unknown) => error instanceof AcmeFailure && error.problem?.kind === "rateLimited",
    );
    const ended = settled.then((isUsed) => {
      this.#running.delete(ended);
      if (isUsed) this.#used++;
    });
    this.#running.add(ended);
    return result;
  }
}

function deferred(most: number): AcmeFailure {
  return new AcmeFailure(
    `The order was deferred: ${most} new ${most === 1 ? "certificate was" : "certificates were"} ordered in this run, as many as max_new_orders_per_run allows.`,
    "Apply again for the next ones, when the CA's limits allow.",
  );
}
