/**
 * An error: a host answers but cannot be used, for a reason that the user can fix and that the message names.
 */
export class HostUnusable extends Error {
  override readonly name = "HostUnusable";
}
