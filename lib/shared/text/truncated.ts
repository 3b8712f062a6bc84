/** A text of at most so many characters: of a longer one the beginning, and an ellipsis. */
export function truncated(text: string, mostCharacters: number): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}
