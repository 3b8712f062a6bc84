/** Bytes are not the JSON that is expected. The message has a position and never the bytes, which may be a key. */
export class JsonBytesError extends Error {
  override readonly name = "JsonBytesError";

  /**
   * @param offset of the byte in the document
   * @param problem such as `is not a list`, of the value at that byte
   */
  constructor(
    readonly offset: number,
    readonly problem: string,
  ) {
    super(`The value at byte ${offset} ${problem}`);
  }
}
