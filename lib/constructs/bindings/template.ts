/**
 * Escapes literal text for Terraform's JSON syntax, in which every string is a template. cdktf's tokens,
 * which stand for expressions, stay as they are.
 */
export function escapeTemplate(text: string): string {
  // Most texts have nothing to escape, and this check is much faster than the regular expression.
  if (!text.includes("${") && !text.includes("%{")) return text;
  return text.replace(
    /\$(?=\$\{TfToken\[)|\$\{(?!TfToken\[)|%\{/g,
    // A dollar sign in front of an expression would escape it.
    (found) => (found === "$" ? `\${"$"}` : `${found[0]}${found}`),
  );
}
