import type { Pebble } from "../../support/pebble";

/** What a Pebble has issued, by its log. */
export class Issued {
  readonly serials: string[] = [];
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

  #catchUp(): void {
    const end = this.pebble.log.lastIndexOf("\n");
    const news = this.pebble.log.slice(this.#read, end);
    this.#read = end;
    for (const [, serial] of news.matchAll(/Issued certificate serial ([0-9a-f]+) for order/g))
      this.serials.push(String(serial));
    this.#orders += [...news.matchAll(/Added order "[^"]+" to the db/g)].length;
  }
}
