/**
 * Literal text as Terraform's JSON syntax has to hold it, where every string is a template. cdktf's own tokens, which
 * stand for expressions, are left as they are.
 */
export function escapeTemplate(text: string): string {
  return text.replace(
    /\$(?=\$\{TfToken\[)|\$\{(?!TfToken\[)|%\{/g,
    // A dollar sign in front of an expression would escape it.
    (found) => (found === "$" ? `\${"$"}` : `${found[0]}${found}`),
  );
}
