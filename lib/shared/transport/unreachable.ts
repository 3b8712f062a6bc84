/** There is no connection to a host, and what to do about it. */
export class HostUnreachable extends Error {
  override readonly name = "HostUnreachable";

  constructor(
    message: string,
    /** Somebody answers who is not the host that is known: nothing to be passed over. */
    readonly isImpostor = false,
  ) {
    super(message);
  }
}
