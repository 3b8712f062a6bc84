declare const listed: unique symbol;

/**
 * The first line of a diagnostic. Only a catalogue makes one: a message that is not in a catalogue does not
 * compile. A test compares every catalogue with the tables of docs/messages.md and docs/operations.md.
 */
export type Summary = string & { readonly [listed]: true };

type Message = string | ((...values: string[]) => string);

export type Catalogue<Messages> = {
  readonly [Key in keyof Messages]: Messages[Key] extends (...values: infer Values) => string
    ? (...values: Values) => Summary
    : Summary;
};

/** Declares messages: each is one line, or a function from names and paths to one line. */
export function catalogue<const Messages extends Readonly<Record<string, Message>>>(
  messages: Messages,
): Catalogue<Messages> {
  return messages as unknown as Catalogue<Messages>;
}
