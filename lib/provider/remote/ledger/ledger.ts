/**
 * Who owns what on a host, and what the host is owed: a file of lines that only grows, so that a crash can lose no
 * more than its own last line. Paths are those of the host, without `root`; fields are separated by tabs, and the last
 * one is a dot: a line without it was cut off and says nothing.
 *
 *     host KEY                    a public SSH host key of the machine that the ledger was begun on
 *     claim  STACK TOKEN PATH     the resource TOKEN of STACK owns PATH from now on
 *     release TOKEN PATH          and no more
 *     directory PATH              made by us, to be removed when it is empty
 *     removed PATH                … which was done
 *     placeholder SHA256 PATH     made by us where nothing was; whoever declares PATH may replace it
 *     owe SERVICE DEBT TOKEN      files were swapped and the service may not know it yet
 *     paid DEBT                   it does
 *     stage PATH                  temporary files may lie beside PATH
 *     closed                      none do any more
 */
export interface Claim {
  readonly stack: string;
  readonly token: string;
}

export interface Debt {
  readonly id: string;
  readonly service: string;
  readonly token: string;
}

export type LedgerEntry =
  | readonly ["claim", stack: string, token: string, path: string]
  | readonly ["release", token: string, path: string]
  | readonly ["directory" | "removed" | "stage", path: string]
  | readonly ["placeholder", sha256: string, path: string]
  | readonly ["host", key: string]
  | readonly ["owe", service: string, debt: string, token: string]
  | readonly ["paid", debt: string]
  | readonly ["closed"];

const HEADING = ["mail-sni-ledger", "1"] as const;

/** What of a ledger's file has been read: enough to ask for the rest alone. */
export interface LedgerPosition {
  readonly inode: string;
  readonly size: number;
}

export const NOTHING_READ: LedgerPosition = { inode: "none", size: 0 };

/** A ledger's file that this version cannot read. */
export class LedgerUnreadable extends Error {
  override readonly name = "LedgerUnreadable";
}

export class Ledger {
  readonly #claims = new Map<string, Claim>();
  readonly #pathsOfToken = new Map<string, Set<string>>();
  readonly #directories = new Set<string>();
  readonly #placeholders = new Map<string, string>();
  readonly #debts = new Map<string, Debt>();
  readonly #staged = new Set<string>();
  readonly #hostKeys = new Set<string>();
  #lines = 0;
  /** The beginning of a line whose end was not there yet, or never will be. */
  #tail = "";

  /** Takes in text of the file, from where the last call ended. */
  read(text: string): void {
    const lines = (this.#tail + text).split("\n");
    this.#tail = lines.pop() ?? "";
    for (const line of lines) this.#take(line.split("\t"));
  }

  /** The text to append to the file for `entries`, which the ledger takes in as well. */
  record(entries: readonly LedgerEntry[]): string {
    const heading = this.isNew ? [HEADING] : [];
    const text = (this.#tail && "\n") + written([...heading, ...entries]);
    this.read(text);
    return text;
  }

  /** The same facts in as few lines as there can be, where that is worth a rewrite; else nothing. */
  compacted(): string | undefined {
    const entries: LedgerEntry[] = [
      ...[...this.#hostKeys].map((key) => ["host", key] as const),
      ...[...this.#claims].map(([path, { stack, token }]) => ["claim", stack, token, path] as const),
      ...[...this.#directories].map((path) => ["directory", path] as const),
      ...[...this.#placeholders].map(([path, sha256]) => ["placeholder", sha256, path] as const),
      ...[...this.#debts.values()].map(({ service, id, token }) => ["owe", service, id, token] as const),
      ...[...this.#staged].map((path) => ["stage", path] as const),
    ];
    const worthIt = this.#lines > 1000 && this.#lines > 4 * entries.length;
    return worthIt ? written([HEADING, ...entries]) : undefined;
  }

  get isNew(): boolean {
    return this.#lines === 0;
  }

  owner(path: string): Claim | undefined {
    return this.#claims.get(path);
  }

  pathsOf(token: string): ReadonlySet<string> {
    return this.#pathsOfToken.get(token) ?? new Set();
  }

  pathsOfStack(stack: string): string[] {
    return [...this.#claims].flatMap(([path, claim]) => (claim.stack === stack ? [path] : []));
  }

  madeDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  /** The SHA-256 of what we have put at the path because nothing was there. */
  placeholder(path: string): string | undefined {
    return this.#placeholders.get(path);
  }

  get debts(): readonly Debt[] {
    return [...this.#debts.values()];
  }

  debtsOf(token: string): readonly Debt[] {
    return this.debts.filter((debt) => debt.token === token);
  }

  isOwed(debt: string): boolean {
    return this.#debts.has(debt);
  }

  /** Paths beside which a run that was killed may have left temporary files. */
  get unfinished(): readonly string[] {
    return [...this.#staged];
  }

  /** The SSH host keys of the machine that this ledger was begun on. */
  get hostKeys(): ReadonlySet<string> {
    return this.#hostKeys;
  }

  #take([verb, ...fields]: string[]): void {
    this.#lines += 1;
    if (fields.pop() !== ".") return;
    switch (verb) {
      case HEADING[0]:
        if (fields[0] !== "1")
          throw new LedgerUnreadable(`it has version ${fields[0]}, and this provider knows 1`);
        break;
      case "host":
        this.#hostKeys.add(fields[0]);
        break;
      case "claim":
        this.#claim(fields[2], { stack: fields[0], token: fields[1] });
        break;
      case "release":
        if (this.#claims.get(fields[1])?.token === fields[0]) this.#unclaim(fields[1]);
        break;
      case "directory":
        this.#directories.add(fields[0]);
        break;
      case "removed":
        this.#directories.delete(fields[0]);
        break;
      case "placeholder":
        this.#placeholders.set(fields[1], fields[0]);
        break;
      case "owe":
        this.#debts.set(fields[1], { service: fields[0], id: fields[1], token: fields[2] });
        break;
      case "paid":
        this.#debts.delete(fields[0]);
        break;
      case "stage":
        this.#staged.add(fields[0]);
        break;
      case "closed":
        this.#staged.clear();
        break;
    }
  }

  #claim(path: string, claim: Claim): void {
    this.#unclaim(path);
    this.#claims.set(path, claim);
    const paths = this.#pathsOfToken.get(claim.token) ?? new Set();
    this.#pathsOfToken.set(claim.token, paths.add(path));
  }

  #unclaim(path: string): void {
    const claim = this.#claims.get(path);
    if (!claim) return;
    this.#claims.delete(path);
    const paths = this.#pathsOfToken.get(claim.token);
    paths?.delete(path);
    if (paths?.size === 0) this.#pathsOfToken.delete(claim.token);
  }
}

function written(entries: readonly (LedgerEntry | typeof HEADING)[]): string {
  return entries.map((entry) => `${entry.join("\t")}\t.\n`).join("");
}

/** What a resource's services have not been told, in words; null where they know all. */
export function pendingActivations(ledger: Ledger, token: string): string | null {
  const services = ledger.debtsOf(token).map(({ service }) => service);
  if (services.length === 0) return null;
  return `${[...new Set(services)].sort().join(" and ")}: files have changed and are not served yet`;
}
