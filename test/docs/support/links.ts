import { textOf } from "./code-blocks";

/** The targets of a page's links within the repository, as they are written. */
export function linksOf(page: string): string[] {
  const text = textOf(page).replaceAll(/^```.*?^```$/gms, "");
  return [...text.matchAll(/\]\(([^)]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^https?:/.test(link));
}
