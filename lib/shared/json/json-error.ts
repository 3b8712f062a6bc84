/** A JSON document is invalid. */
export class JsonError extends Error {
  override readonly name = "JsonError";

  /**
   * @param at which member, such as `hosts[0].services[1].endpoints`; empty for the document itself
   * @param problem what is wrong with it, as the rest of a sentence: `is not a list`
   */
  constructor(
    readonly at: string,
    readonly problem: string,
  ) {
    super(`${at === "" ? "The document" : at} ${problem}.`);
  }
}
