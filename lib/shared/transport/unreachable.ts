/** An error: no connection to a host, with a remedy. */
export class HostUnreachable extends Error {
  override readonly name = "HostUnreachable";

  constructor(
    message: string,
    /** Whether another machine than the known host answers. Such an error must not be skipped. */
    readonly isImpostor = false,
  ) {
    super(message);
  }
}
