/** A catalogue of the provider's messages. */
export type Messages = Readonly<Record<string, string | ((...values: string[]) => string)>>;

/** Each message with `…` for each value, and without backticks, which code in a page cannot contain. */
export function messagesOnPage(catalogues: readonly Messages[]): Set<string> {
  return new Set(catalogues.flatMap((each) => Object.values(each).map(withEllipses)));
}

function withEllipses(message: Messages[string]): string {
  if (typeof message === "string") return message;
  return message(...Array<string>(message.length).fill("…"))
    .replaceAll(/…+/g, "…")
    .replaceAll("`", "");
}
