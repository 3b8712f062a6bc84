const LONGEST_MESSAGE = 10_000;

/** @throws where a person would not read it to the end */
export function bounded(message: string): string {
  if (message.length > LONGEST_MESSAGE) throw new Error(`a message of ${message.length} characters`);
  return message;
}
