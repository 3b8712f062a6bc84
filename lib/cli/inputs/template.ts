/**
 * Undoes the escapes of Terraform's JSON syntax, in which every string is a template: `$${` stands for `${`, and `%%{` for `%{`.
 *
 * @returns null if the text has an expression, whose value only the engine knows
 */
export function literalOf(template: string): string | null {
  let hasExpression = false;
  const literal = template.replace(/\$\$\{|%%\{|\$\{|%\{/g, (found) => {
    hasExpression ||= found.length === 2;
    return found.slice(1);
  });
  return hasExpression ? null : literal;
}
