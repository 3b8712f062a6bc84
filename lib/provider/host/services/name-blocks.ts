import type { FirstOrLast } from "../../../shared/provider-block/blocks";
import { patternLines } from "../../../shared/service/pattern-lines";

/** A block for names in a server's effective configuration. */
export interface NameBlock {
  /** The names as the server prints them: a `*` stands for one label. */
  readonly names: readonly string[];
  readonly text: string;
}

/**
 * Whether the certificate applies to a name: its block is chosen, another block may be chosen, or no block
 * matches the name.
 */
export type Standing = "chosen" | "contested" | "absent";

/** The blocks of a server's effective configuration, by name. */
export class NameBlocks {
  readonly #byName = new Map<string, number[]>();
  readonly #patterns: { readonly pattern: string; readonly index: number }[] = [];

  /**
   * @param blocks in the order in which the server reads them; undefined if they are unknown: then each name
   *   counts as contested, which is slower and safe
   * @param winner which of several matching blocks is chosen; undefined if that is not known
   */
  constructor(
    private readonly blocks: readonly NameBlock[] | undefined,
    private readonly winner: FirstOrLast | undefined,
  ) {
    blocks?.forEach(({ names }, index) => {
      for (const name of new Set(names)) {
        if (/[*?]/.test(name)) this.#patterns.push({ pattern: name, index });
        else append(this.#byName, name, index);
      }
    });
  }

  standing(name: string, certificate: string): Standing {
    if (this.blocks === undefined) return "contested";
    const matching = this.#matching(name);
    if (matching.length === 0) return "absent";
    const foreign = matching.map((block) => !has(block, certificate));
    if (!foreign.includes(true)) return "chosen";
    if (!foreign.includes(false) || this.winner === undefined) return "contested";
    return foreign.at(this.winner === "first" ? 0 : -1) ? "contested" : "chosen";
  }

  /** The block that may be chosen instead of one with the certificate. */
  rival(name: string, certificate: string): NameBlock | undefined {
    const foreign = this.#matching(name).filter((block) => !has(block, certificate));
    return foreign.at(this.winner === "last" ? -1 : 0);
  }

  /** The name of that block as the server prints it: the name itself, or a pattern. */
  rivalName(name: string, certificate: string): string | undefined {
    return this.rival(name, certificate)?.names.find((pattern) => mayMatch(pattern, name));
  }

  /** The matching blocks, in the order in which the server reads them. */
  #matching(name: string): NameBlock[] {
    const { blocks } = this;
    if (blocks === undefined) return [];
    const patterns = this.#patterns.filter(({ pattern }) => mayMatch(pattern, name));
    const all = [...(this.#byName.get(name) ?? []), ...patterns.map(({ index }) => index)];
    return [...new Set(all)].sort((one, other) => one - other).flatMap((index) => blocks[index] ?? []);
  }
}

/**
 * Finds the blocks in a listing. A block ends at a closing brace alone in the first column, or where the next
 * block begins.
 *
 * @returns undefined if matching the pattern takes too long
 */
export function parseNameBlocks(listing: string, pattern: string): NameBlock[] | undefined {
  const beginnings = patternLines(listing, pattern);
  if (beginnings === undefined) return undefined;
  const blocks: { names: readonly string[]; lines: string[] }[] = [];
  let open = false;
  listing.split("\n").forEach((line, index) => {
    const begins = beginnings.get(index);
    if (begins !== undefined) {
      const names = begins.replaceAll('"', "").toLowerCase().split(/\s+/).filter(Boolean);
      blocks.push({ names, lines: [] });
      open = true;
    } else if (line === "}") {
      open = false;
    } else if (open) {
      blocks.at(-1)?.lines.push(line);
    }
  });
  return blocks.map(({ names, lines }) => ({ names, text: lines.join("\n") }));
}

/**
 * Whether a pattern may match a name. It errs on the side of yes: the service is then asked. `*` and `?` may
 * be anywhere.
 */
export function mayMatch(pattern: string, name: string): boolean {
  const lastWildcard = Math.max(pattern.lastIndexOf("*"), pattern.lastIndexOf("?"));
  return lastWildcard === -1 ? pattern === name : name.endsWith(pattern.slice(lastWildcard + 1));
}

/** Whether a block names a file, and not only one with a longer path, such as a backup. */
function has({ text }: NameBlock, path: string): boolean {
  return text.split(/[\s"'<=;]+/).includes(path);
}

/** Appends in place, because a host may print a name a million times. */
function append(map: Map<string, number[]>, key: string, value: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
