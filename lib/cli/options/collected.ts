/** Parses an option that may be given several times. */
export function collected<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** The same for texts of which each counts once. */
export function distinct(text: string, before: string[] | undefined): string[] {
  return [...new Set([...(before ?? []), text])];
}
