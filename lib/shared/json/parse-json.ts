import { JsonError } from "./json-error";
import { Member } from "./member";

/**
 * Reads JSON from outside.
 *
 * @param most how many characters are allowed
 * @throws JsonError and nothing else
 */
export function parseJson(text: string, most: number): Member {
  if (text.length > most) throw new JsonError("", `has ${text.length} characters, and ${most} are allowed`);
  try {
    return new Member(JSON.parse(text));
  } catch (error) {
    // The rest of Node's message quotes the text, which may be secret.
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    throw new JsonError("", `is not JSON${position === undefined ? "" : `, from character ${position} on`}`);
  }
}
