/** A host answers, but nothing can be done on it, for a reason that the user can mend: the message says which. */
export class HostUnusable extends Error {
  override readonly name = "HostUnusable";
}
