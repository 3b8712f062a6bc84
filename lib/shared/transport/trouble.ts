/** Why a host cannot be used, and what to do about it; without a remedy where none is known. */
export interface Trouble {
  readonly problem: string;
  readonly remedy?: string;
  /** The line of a known_hosts file, or the host key in the settings, that the remedy speaks of. */
  readonly keyLine?: string;
}

/** Problem and remedy as sentences, for a message. */
export function troubleText({ problem, remedy }: Trouble): string {
  return remedy === undefined ? problem : `${problem}. ${remedy}`;
}

/** An error that a trouble is the message of. */
export abstract class TroubleError extends Error implements Trouble {
  readonly problem: string;
  readonly remedy?: string;
  readonly keyLine?: string;

  constructor(trouble: string | Trouble) {
    const { problem, remedy, keyLine }: Trouble =
      typeof trouble === "string" ? { problem: trouble } : trouble;
    super(troubleText({ problem, remedy }));
    this.problem = problem;
    this.remedy = remedy;
    this.keyLine = keyLine;
  }
}
