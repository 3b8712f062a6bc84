import { isPlain } from "../../../support/hostile-words";

/** @throws if a terminal does anything but show it */
export function checkPlain(text: string): void {
  if (!isPlain(text)) throw new Error("a terminal obeys it");
}

/** @throws if a text from outside is read as Markdown, or divides a row of a table */
export function checkMarkdown(markdown: string): void {
  const own = markdown.replace(/`[^`\n]*`/g, "`…`").replace(/<\/?(details|summary)>/g, "");
  if (/(?<!\\)[@<[\]]|https?:|&/.test(own)) throw new Error("the Markdown has markup from outside");
  let cells = 0;
  for (const line of own.split("\n")) {
    const found = line.startsWith("|") ? line.split(/(?<!\\)\|/).length : 0;
    if (cells !== 0 && found !== 0 && found !== cells) throw new Error(`the row ${line} has other cells`);
    cells = found;
  }
}

/** The elements that reports have. */
const ELEMENTS = new Set(
  "html head meta title style script body main h1 h2 h3 p ul li table thead tbody tr th td code details summary div span section strong a header footer nav input label button dl dt dd time em small caption".split(
    " ",
  ),
);

/** @throws if a text from outside is an element of a page, or a script */
export function checkHtml(page: string): void {
  const body = page.slice(page.indexOf("<main>"));
  for (const [tag, name = ""] of body.matchAll(/<\/?([A-Za-z!][A-Za-z0-9-]*)?[^>]*>?/g)) {
    if (!ELEMENTS.has(name) || /\son[a-z]+=|javascript:/i.test(tag)) throw new Error(`the page has ${tag}`);
  }
}
