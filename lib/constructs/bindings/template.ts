/**
 * Literal text as Terraform's JSON syntax has to hold it, where every string is a template. cdktf's own tokens, which
 * stand for expressions, are left as they are.
 */
export function escapeTemplate(text: string): string {
  // Most texts have nothing to escape, and a regular expression looks at thousands of them much more slowly.
  if (!text.includes("${") && !text.includes("%{")) return text;
  return text.replace(
    /\$(?=\$\{TfToken\[)|\$\{(?!TfToken\[)|%\{/g,
    // A dollar sign in front of an expression would escape it.
    (found) => (found === "$" ? `\${"$"}` : `${found[0]}${found}`),
  );
}
