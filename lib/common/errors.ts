/** Every error that the constructs throw on purpose. The code is stable; the words are for people. */
export class MailSniError extends Error {
  override readonly name = "MailSniError";

  constructor(
    readonly code: MailSniErrorCode,
    /** What was given and what is wrong with it. */
    readonly problem: string,
    /** What to write or do instead. */
    readonly remedy: string,
  ) {
    super(`${problem} ${remedy} [${code}]`);
  }
}

export type MailSniErrorCode = "HOST_NAME_INVALID";
