import { AcmeFailure } from "./failure";

/** Limits how many first-time certificates one process orders with an account. */
export class FirstOrders {
  readonly #running = new Set<Promise<void>>();
  #used = 0;

  /**
   * Runs an order if the limit allows. While the limit is taken up by running orders, it waits: an order that
   * fails frees its place, so that domains that always fail do not hold back the others. An order that fails
   * on the CA's rate limit keeps its place.
   *
   * @param most the limit; null for none
   * @throws {AcmeFailure} if the limit is reached; whatever `order` throws
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
