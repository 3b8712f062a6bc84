import { BlockWinner } from "../service/block-winner";
import { BlockPlace, type LocalNameBlock } from "./local-name-block";

/** The rules by which a version of Dovecot selects a block. */
export interface BlockRules {
  /** Which of several different matching blocks wins. */
  readonly winner: BlockWinner;
  /** Whether a block may have more than one name. */
  readonly severalNames: boolean;
  /** The assumed place of a block that this library does not write, unless the user says otherwise. */
  readonly place: BlockPlace;
}

/** Dovecot 2.3. This library includes its blocks before everything else, so a block that follows them loses. */
export const BLOCK_RULES_23: BlockRules = {
  winner: BlockWinner.FIRST,
  severalNames: true,
  place: BlockPlace.AFTER,
};

/** Dovecot 2.4. This library includes its blocks after everything else. */
export const BLOCK_RULES_24: BlockRules = {
  winner: BlockWinner.LAST,
  severalNames: false,
  place: BlockPlace.BEFORE,
};

/** A block that Dovecot selects and that this library did not write. */
export interface ChosenBlock {
  /** The names after `local_name`, as written. */
  readonly names: readonly string[];
  readonly certificate: string;
  /**
   * Why Dovecot selects it over the block of this library; undefined if this library has no block for the
   * name.
   */
  readonly reason?: string;
}

/**
 * Indexes the unmanaged blocks, and selects the one that Dovecot uses for a name.
 *
 * Each block has a position: the managed block is at 0, blocks that Dovecot reads before it have negative positions, later ones
 * positive positions. Dovecot merges blocks with the same string of names, in any case of letters: the merged block has the
 * position of the first and the settings of the last (measured with 2.3.19 and 2.4.1). That includes managed blocks.
 *
 * An example, for Dovecot 2.4, where the last block that matches wins:
 *
 * | position | block | certificate |
 * | --- | --- | --- |
 * | -3 | `local_name imap.a.tld` | `/imap.pem` |
 * | -2 | `local_name *.a.tld` | `/any.pem` |
 * | -1 | `local_name smtp.a.tld` | `/smtp.pem` |
 * | 0 | managed, for `imap.a.tld`, `smtp.a.tld` and `pop.a.tld` | managed |
 * | 1 | `local_name pop.a.tld` | `/pop.pem` |
 *
 * | a client sends | is presented | why |
 * | --- | --- | --- |
 * | `imap.a.tld` | `/any.pem` | the managed block is merged into -3, and -2 is the last match |
 * | `smtp.a.tld` | managed | the managed block is merged into -1, which is after -2, and its settings are the last |
 * | `pop.a.tld` | `/pop.pem` | 1 is merged into the managed block, at 0, and its settings are the last |
 * | `www.a.tld` | `/any.pem` | only -2 matches |
 */
export class LocalNameBlocks {
  private readonly byString = new Map<string, MergedBlock>();
  private readonly byName = new Map<string, MergedBlock[]>();
  private readonly byParent = new Map<string, MergedBlock[]>();
  private readonly patterns: { readonly pattern: RegExp; readonly block: MergedBlock }[] = [];

  /**
   * @param blocks the other blocks, in the order in which Dovecot reads them, before and after the blocks of
   *   this library
   */
  constructor(
    private readonly rules: BlockRules,
    blocks: readonly LocalNameBlock[],
  ) {
    const placeOf = ({ place = rules.place }: LocalNameBlock) => place;
    const before = blocks.filter((block) => placeOf(block) === BlockPlace.BEFORE);
    const after = blocks.filter((block) => placeOf(block) === BlockPlace.AFTER);
    before.forEach((block, index) => {
      this.merge(block, index - before.length);
    });
    after.forEach((block, index) => {
      this.merge(block, index + 1);
    });
  }

  public get isEmpty(): boolean {
    return this.byString.size === 0;
  }

  /**
   * The block that Dovecot selects for `name`, if this library did not write it; undefined if Dovecot selects
   * the block of this library, or none.
   *
   * @param name as a client sends it
   * @param ours the names after `local_name` in this library's block for the name; undefined if it has none
   */
  public chosen(name: string, ours?: readonly string[]): ChosenBlock | undefined {
    const merged = ours && this.byString.get(stringOf(ours));
    let place = ours && Math.min(merged?.position ?? 0, 0);
    let winner: MergedBlock | undefined;
    for (const block of this.matching(name.toLowerCase())) {
      if (block === merged || (place !== undefined && !this.wins(block.position, place))) continue;
      winner = block;
      place = block.position;
    }
    if (winner !== undefined) return this.choice(winner, ours && this.reason(winner, merged));
    return merged?.after === undefined ? undefined : this.choice(merged, SAME_NAMES);
  }

  /** All blocks that match a name, in no order. Blocks with the same string of names count as one. */
  public matches(name: string): ChosenBlock[] {
    return this.matching(name.toLowerCase()).map((block) => this.choice(block));
  }

  private merge({ names, certificate }: LocalNameBlock, position: number): void {
    const side = position < 0 ? "before" : "after";
    const string = stringOf(names);
    const known = this.byString.get(string);
    if (known !== undefined) {
      known[side] = certificate;
      return;
    }
    const block: MergedBlock = { names, position, [side]: certificate };
    this.byString.set(string, block);
    for (const name of new Set(string.split(" "))) this.index(name, block);
  }

  private index(name: string, block: MergedBlock): void {
    const [, parent] = /^\*\.([^*?]+)$/.exec(name) ?? [];
    if (parent !== undefined) append(this.byParent, parent, block);
    else if (/[*?]/.test(name)) this.patterns.push({ pattern: patternOf(name), block });
    else append(this.byName, name, block);
  }

  private matching(name: string): MergedBlock[] {
    const dot = name.indexOf(".");
    return [
      ...(this.byName.get(name) ?? []),
      ...(dot < 0 ? [] : (this.byParent.get(name.slice(dot + 1)) ?? [])),
      ...this.patterns.filter(({ pattern }) => pattern.test(name)).map(({ block }) => block),
    ];
  }

  private wins(position: number, other: number): boolean {
    return this.rules.winner === BlockWinner.FIRST ? position < other : position > other;
  }

  private choice({ names, before, after }: MergedBlock, reason?: string): ChosenBlock {
    return { names, certificate: (after ?? before) as string, reason };
  }

  private reason(winner: MergedBlock, merged?: MergedBlock): string {
    const { winner: rule } = this.rules;
    if (merged !== undefined && winner.position < 0 && rule === BlockWinner.LAST) return TAKEN_EARLIER;
    return `it is read ${winner.position < 0 ? "before" : "after"} the managed block, and the ${rule} match wins`;
  }
}

/**
 * Blocks with the same string of names. A later one replaces the certificate of an earlier one on the same
 * side of this library's blocks.
 */
interface MergedBlock {
  readonly names: readonly string[];
  /** The position of the first: negative before this library's blocks, positive after them. */
  readonly position: number;
  before?: string;
  after?: string;
}

const SAME_NAMES =
  "it has the same name as the managed block and is read after it: Dovecot merges them, and the later setting wins";
const TAKEN_EARLIER =
  "the last match wins, and Dovecot merges the managed block into an earlier one with the same name";

function stringOf(names: readonly string[]): string {
  return names.join(" ").toLowerCase();
}

/**
 * Translates a pattern with wildcards that are not a whole leading label, by the rules of Dovecot's
 * `dns_match_wildcard`. `*` before a dot matches the rest of the label. `?` matches any one character. Any
 * other `*` matches the empty string at the end of a name, and no name elsewhere.
 */
function patternOf(name: string): RegExp {
  if (name.length > LONGEST_PATTERN) return NOTHING;
  const source = name.replace(/\*\.|[\\^$.*+?()[\]{}|]/g, (part, at: number) => {
    if (part === "?") return ".";
    if (part === "*.") return "[^.]*\\.";
    if (part !== "*") return `\\${part}`;
    return at === name.length - 1 ? "" : "(?!)";
  });
  return new RegExp(`^${source}$`);
}

/** Each two characters of a pattern match one of a name at least, and a name has 253 at most (RFC 1035 §2.3.4). */
const LONGEST_PATTERN = 512;
const NOTHING = /(?!)/;

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
