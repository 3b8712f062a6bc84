/**
 * Quotes text for a shell: the only place in which a value becomes part of a shell's program. It uses no
 * backslashes, which ssh_config(5) interprets where a command is in an option of ssh.
 */
export function shellQuote(text: string): string {
  if (text.includes("\0")) throw new RangeError("A NUL character cannot be part of a shell's word.");
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
