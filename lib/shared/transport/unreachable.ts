import { type Trouble, TroubleError } from "./trouble";

/** An error: no connection to a host. */
export class HostUnreachable extends TroubleError {
  override readonly name = "HostUnreachable";

  constructor(
    trouble: string | Trouble,
    /** Whether another machine than the known host answers. Such an error must not be skipped. */
    readonly isImpostor = false,
  ) {
    super(trouble);
  }
}
