type Input = string | Uint8Array;

/** Something that reads what others wrote. */
export interface Parser {
  readonly name: string;
  /** What it takes. */
  readonly seeds: readonly Input[];
  /** What it may throw. */
  readonly throws: (error: unknown) => boolean;
  /** Reads, and does with the outcome what the callers do. */
  readonly read: (input: Buffer) => unknown;
  /** What its own grammar makes worth repeating. */
  readonly repeats?: readonly string[];
  /** The most that it may return, as a multiple of what it was given, beside `MOST_OF_ITS_OWN`. @default 8 */
  readonly growth?: number;
  /** How much of the processor's time one input may take, in milliseconds. @default 1000 */
  readonly mostMs?: number;
  /** How long what is repeated is made. @default 100,000 */
  readonly repeatedBytes?: number;
}
