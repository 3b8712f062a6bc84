import { LONGEST_PATH } from "../../../../shared/transport/paths";

/**
 * Whether a path matches a pattern of glob(7): `*` and `?` match no slash. Sets such as `[a-z]` match any one
 * character.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  if (pattern.length > LONGEST_PATH) return false;
  const [names, patterns] = [path, pattern].map((text) => text.split("/")) as [string[], string[]];
  return (
    names.length === patterns.length && names.every((name, index) => matchesName(name, patterns[index] ?? ""))
  );
}

/** One pass with one place to go back to: a pattern cannot make it slow. */
function matchesName(name: string, pattern: string): boolean {
  const parts = pattern.match(/\[[^\]]*\]|./gsu) ?? [];
  const characters = [...name];
  let [at, part] = [0, 0];
  let star: { readonly at: number; readonly part: number } | undefined;
  while (at < characters.length) {
    const wanted = parts[part];
    if (wanted === "*") {
      star = { at, part };
      part++;
    } else if (wanted !== undefined && matchesOne(characters[at] as string, wanted)) {
      at++;
      part++;
    } else if (star !== undefined) {
      star = { ...star, at: star.at + 1 };
      [at, part] = [star.at, star.part + 1];
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === "*");
}

function matchesOne(character: string, wanted: string): boolean {
  return wanted === "?" || wanted === character || (wanted.length > 1 && wanted.startsWith("["));
}
