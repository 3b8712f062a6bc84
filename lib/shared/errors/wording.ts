import { printableLine } from "../text/printable";

/** A list of at most ten names, so that a message stays readable. */
export function listed(names: readonly string[], none = "none"): string {
  if (names.length === 0) return none;
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

/** Quotes text as JSON, so that invisible characters show, and cuts it to one line. */
export function quote(text: string): string {
  return printableLine(JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text));
}
