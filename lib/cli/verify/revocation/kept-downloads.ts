import type { Download } from "./download";

/** CAs publish a list every few hours, and a watch may run every second. */
const KEPT_MS = 3_600_000;

/** Fetches what is at a URL at most once an hour. What could not be fetched is tried again. */
export class KeptDownloads {
  readonly #kept = new Map<string, { readonly at: number; readonly content: Buffer }>();

  constructor(
    private readonly fetched: Download,
    private readonly now: () => Date,
  ) {}

  readonly download: Download = async (url) => {
    const known = this.#kept.get(url);
    const at = +this.now();
    if (known !== undefined && at - known.at < KEPT_MS) return known.content;
    const content = await this.fetched(url);
    this.#kept.set(url, { at, content });
    return content;
  };

  /** For content that is of no use, such as the page of a portal in place of a list: the next run fetches it again. */
  readonly forget = (url: string): void => {
    this.#kept.delete(url);
  };
}
