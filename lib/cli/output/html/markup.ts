import { printableLine } from "../../../shared/text/printable";

/** Markup. `html` and `trusted` alone make it, so that text from outside is always escaped. */
export class Html {
  private constructor(readonly text: string) {}

  /** @internal for `html` and `trusted` */
  static of(text: string): Html {
    return new Html(text);
  }

  toString(): string {
    return this.text;
  }
}

export type Content = string | number | Html | readonly Html[];

/**
 * A template of markup. Text is escaped wherever it stands, between elements or inside a quoted attribute; markup is
 * taken as it is.
 */
export function html(markup: TemplateStringsArray, ...contents: readonly Content[]): Html {
  const parts = contents.map((content, index) => `${textOf(content)}${markup[index + 1]}`);
  return Html.of(`${markup[0]}${parts.join("")}`);
}

/** A constant of the program: a script or a style sheet. */
export function trusted(text: string): Html {
  return Html.of(text);
}

function textOf(content: Content): string {
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map((one) => one.text).join("");
  return escaped(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return printableLine(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
