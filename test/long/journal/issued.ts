import type { Pebble } from "../../support/pebble";

/** What a Pebble has issued, by its log. */
export class Issued {
  readonly serials: string[] = [];
  /** The id of the order of each certificate, which its URL ends with. */
  readonly #issuedOrders = new Set<string>();
  #orders = 0;
  #read = 0;

  constructor(private readonly pebble: Pebble) {}

  /** How many orders were made. */
  get orders(): number {
    this.#catchUp();
    return this.#orders;
  }

  /** How many certificates were issued. */
  get count(): number {
    this.#catchUp();
    return this.serials.length;
  }

  /** @param order its URL */
  has(order: string): boolean {
    this.#catchUp();
    return this.#issuedOrders.has(String(order.split("/").pop()));
  }

  #catchUp(): void {
    const end = this.pebble.log.lastIndexOf("\n");
    const news = this.pebble.log.slice(this.#read, end);
    this.#read = end;
    for (const [, serial, order] of news.matchAll(/Issued certificate serial ([0-9a-f]+) for order (\S+)/g)) {
      this.serials.push(String(serial));
      this.#issuedOrders.add(String(order));
    }
    this.#orders += [...news.matchAll(/Added order "[^"]+" to the db/g)].length;
  }
}
