import type { Member } from "../../shared/json/member";

/** A value that only an engine knows, where one is needed without it. */
export class Expression extends Error {}

const MOST_CHARACTERS = 8192;

/**
 * A text of Terraform's JSON syntax, in which every string is a template.
 *
 * @throws Expression {@link JsonError}
 */
export function literal(member: Member): string {
  const text = literalOf(member.text(MOST_CHARACTERS));
  if (text === null)
    throw new Expression("its connection has an expression, which only the engine evaluates");
  return text;
}

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

/** A text of Terraform's JSON syntax; null if it is missing, or has an expression. */
export function knownText(member: Member, mostCharacters = MOST_CHARACTERS): string | null {
  return member.optional((present) => literalOf(present.text(mostCharacters)));
}
