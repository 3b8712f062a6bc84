/** Writes a line that recurs in each round only once. A line that was missing in a round is written again. */
export class RepeatedLines {
  #before = new Set<string>();
  #now = new Set<string>();

  constructor(private readonly write: (line: string) => void) {}

  nextRound(): void {
    this.#before = this.#now;
    this.#now = new Set();
  }

  say(line: string): void {
    this.#now.add(line);
    if (!this.#before.has(line)) this.write(line);
  }
}
