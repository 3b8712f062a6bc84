import { PENDING } from "../../messages/pending";
import {
  HEADING,
  type LedgerEntry,
  LedgerUnreadable,
  parseLine,
  type UsedFate,
  type UsedPart,
  written,
} from "./ledger-line";
import { isInForce, type KnownState, States } from "./states";

/**
 * Who owns what on a host, and which activations are pending: a file of lines that only grows, so that a crash can lose no
 * more than its own last line. Paths are those of the host, without `root`; fields are separated by tabs, and the last
 * one is a dot: a line without it was cut off and says nothing. Lines of other kinds than these are a later version's,
 * and passed over.
 *
 *     host KEY                    a public SSH host key of the machine that the ledger was begun on
 *     claim  STACK TOKEN PATH     the resource TOKEN of STACK owns PATH from now on
 *     used SERVICE PART FATE ROW PATH  a program on the host has claimed PATH for SERVICE, for the certificate ROW: a pem, text
 *                                 or link, to keep or remove
 *     passed TOKEN PATH           the owner of PATH has it from a program on the host, which had claimed it as TOKEN
 *     release TOKEN PATH          TOKEN does not own PATH any more, nor has it passed it on
 *     begun ID STACK TIME MACHINE  the state ID of STACK has changed something, last at TIME, from MACHINE
 *     kept ID STACK TIME MACHINE   the same, and that state was saved
 *     ended ID PLACE              the run in PLACE that has begun it came to its end
 *     lost ID                     its files were taken over on purpose: it counts no more
 *     member ID TOKEN             the resource TOKEN is in the state ID
 *     directory PATH              made by us, to be removed when it is empty
 *     removed PATH                … which was done
 *     placeholder SHA256 PATH     created where no file existed; a resource that declares PATH may replace it
 *     owe SERVICE ID TOKEN        the activation ID of SERVICE is pending: it may not serve files of TOKEN yet
 *     paid ID                     it does
 *     stage PATH                  temporary files may lie beside PATH
 *     closed                      none do any more
 */
export interface Claim {
  readonly stack: string;
  readonly token: string;
}

/** How a service uses a path that a program on the host has claimed. */
export interface Use {
  readonly service: string;
  readonly part: UsedPart;
  readonly fate: UsedFate;
  /** The certificate that the program has claimed it for, by its name in the program's results. */
  readonly row: string;
}

/** Files that were swapped in, and that a service may not serve yet. */
export interface PendingActivation {
  readonly id: string;
  readonly service: string;
  readonly token: string;
}

/** How far a ledger's file has been read. */
export interface LedgerPosition {
  readonly inode: string;
  readonly size: number;
}

export const NOTHING_READ: LedgerPosition = { inode: "none", size: 0 };

/** More than the whole history of 10,000 domains. */
const MOST_LINES = 500_000;

export class Ledger {
  readonly #claims = new Map<string, Claim>();
  readonly #pathsOfToken = new Map<string, Set<string>>();
  readonly #uses = new Map<string, Use>();
  /** The tokens from which the owners have paths that a program on the host had claimed: it does not take them back. */
  readonly #passed = new Map<string, string>();
  readonly #directories = new Set<string>();
  readonly #placeholders = new Map<string, string>();
  readonly #pending = new Map<string, PendingActivation>();
  readonly #staged = new Set<string>();
  readonly #hostKeys = new Set<string>();
  readonly #states = new States();
  #lines = 0;
  /** The beginning of a line that is incomplete or was cut off. */
  #tail = "";

  /** Reads text of the file, from where the last call ended. @throws {LedgerUnreadable} */
  read(text: string): void {
    const lines = (this.#tail + text).split("\n");
    this.#tail = lines.pop() ?? "";
    for (const line of lines) this.#takeLine(line);
  }

  /**
   * Adds entries to the ledger, and returns the text to append to its file.
   *
   * @throws {LedgerUnreadable} if the text could not be read back
   */
  record(entries: readonly LedgerEntry[]): string {
    const heading = this.isNew ? [HEADING] : [];
    const text = (this.#tail && "\n") + written([...heading, ...entries]);
    this.read(text);
    return text;
  }

  /** The same facts in as few lines as possible; undefined if a rewrite is not worth it. */
  compacted(): string | undefined {
    const entries: LedgerEntry[] = [
      ...[...this.#hostKeys].map((key) => ["host", key] as const),
      ...this.#states.entriesOf(this.#pathsOfToken.keys()),
      ...[...this.#claims].map(([path, { stack, token }]) => ["claim", stack, token, path] as const),
      ...[...this.#uses].map(
        ([path, { service, part, fate, row }]) => ["used", service, part, fate, row, path] as const,
      ),
      ...[...this.#passed].map(([path, token]) => ["passed", token, path] as const),
      ...[...this.#directories].map((path) => ["directory", path] as const),
      ...[...this.#placeholders].map(([path, sha256]) => ["placeholder", sha256, path] as const),
      ...[...this.#pending.values()].map(({ service, id, token }) => ["owe", service, id, token] as const),
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

  /** How a service uses the path, if a program on the host has claimed it. */
  use(path: string): Use | undefined {
    return this.#uses.get(path);
  }

  /** The token from which the owner of the path has it, if a program on the host had claimed it with that token. */
  passedBy(path: string): string | undefined {
    return this.#passed.get(path);
  }

  /** The owner of `path`, if that is another resource of the same stack and state as the owner of `ownPath`. */
  siblingOwner(path: string, ownPath: string): Claim | undefined {
    const [owner, own] = [this.owner(path), this.owner(ownPath)];
    if (!owner || !own || owner.token === own.token || owner.stack !== own.stack) return undefined;
    return this.stateOf(owner.token) === this.stateOf(own.token) ? owner : undefined;
  }

  pathsOf(token: string): ReadonlySet<string> {
    return this.#pathsOfToken.get(token) ?? new Set();
  }

  /** The paths of each resource of a stack. */
  resourcesOf(stack: string): ReadonlyMap<string, ReadonlySet<string>> {
    const tokens = new Set(
      [...this.#claims.values()].filter((claim) => claim.stack === stack).map(({ token }) => token),
    );
    return new Map([...tokens].map((token) => [token, this.pathsOf(token)]));
  }

  pathsOfStack(stack: string): string[] {
    return [...this.#claims].flatMap(([path, claim]) => (claim.stack === stack ? [path] : []));
  }

  /** A Terraform state that has changed this host. */
  state(id: string): KnownState | undefined {
    return this.#states.find(id);
  }

  /** The state that a resource is in; undefined if the ledger does not say. */
  stateOf(token: string): string | undefined {
    return this.#states.idOf(token);
  }

  /** The states of a stack that own something here, and from which a new state in `place` must not take it. */
  statesInForce(stack: string, place: string): KnownState[] {
    const ids = new Set([...this.#pathsOfToken.keys()].map((token) => this.#states.idOf(token)));
    return [...ids]
      .flatMap((id) => (id === undefined ? [] : (this.#states.find(id) ?? [])))
      .filter((state) => state.stack === stack && isInForce(state, place));
  }

  madeDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  /** The SHA-256 of the placeholder that the provider created at the path. */
  placeholder(path: string): string | undefined {
    return this.#placeholders.get(path);
  }

  get pendingActivations(): readonly PendingActivation[] {
    return [...this.#pending.values()];
  }

  pendingActivationsOf(token: string): readonly PendingActivation[] {
    return this.pendingActivations.filter((activation) => activation.token === token);
  }

  isPending(activationId: string): boolean {
    return this.#pending.has(activationId);
  }

  /** Paths beside which a killed run may have left temporary files. */
  get unfinished(): readonly string[] {
    return [...this.#staged];
  }

  /** The SSH host keys of the machine that this ledger was created on. */
  get hostKeys(): ReadonlySet<string> {
    return this.#hostKeys;
  }

  /** @throws {LedgerUnreadable} with the number of the line */
  #takeLine(line: string): void {
    this.#lines += 1;
    try {
      if (this.#lines > MOST_LINES) throw new LedgerUnreadable(`there are more than ${MOST_LINES} lines`);
      const entry = parseLine(line);
      if (entry !== undefined) this.#take(entry);
    } catch (error) {
      if (!(error instanceof LedgerUnreadable)) throw error;
      throw new LedgerUnreadable(`line ${this.#lines}: ${error.message}`);
    }
  }

  #take(entry: LedgerEntry | typeof HEADING): void {
    switch (entry[0]) {
      case "host":
        this.#hostKeys.add(entry[1]);
        break;
      case "claim":
        this.#claim(entry[3], { stack: entry[1], token: entry[2] });
        break;
      case "used":
        this.#use(entry[5], { service: entry[1], part: entry[2], fate: entry[3], row: entry[4] });
        break;
      case "passed":
        if (this.#claims.has(entry[2])) this.#passed.set(entry[2], entry[1]);
        break;
      case "release":
        this.#release(entry[1], entry[2]);
        break;
      case "directory":
        this.#directories.add(entry[1]);
        break;
      case "removed":
        this.#directories.delete(entry[1]);
        break;
      case "placeholder":
        this.#placeholders.set(entry[2], entry[1]);
        break;
      case "owe":
        this.#pending.set(entry[2], { service: entry[1], id: entry[2], token: entry[3] });
        break;
      case "paid":
        this.#pending.delete(entry[1]);
        break;
      case "stage":
        this.#staged.add(entry[1]);
        break;
      case "closed":
        this.#staged.clear();
        break;
      case "begun":
      case "kept":
      case "ended":
      case "lost":
      case "member":
        this.#states.take(entry);
        break;
    }
  }

  #claim(path: string, claim: Claim): void {
    const passedBy = this.#uses.has(path) ? this.#claims.get(path)?.token : this.#passed.get(path);
    this.#unclaim(path);
    if (passedBy !== undefined && passedBy !== claim.token) this.#passed.set(path, passedBy);
    this.#claims.set(path, claim);
    const paths = this.#pathsOfToken.get(claim.token) ?? new Set();
    this.#pathsOfToken.set(claim.token, paths.add(path));
  }

  #use(path: string, use: Use): void {
    if (this.#claims.has(path)) this.#uses.set(path, use);
  }

  #release(token: string, path: string): void {
    if (this.#claims.get(path)?.token === token) this.#unclaim(path);
    if (this.#passed.get(path) === token) this.#passed.delete(path);
  }

  #unclaim(path: string): void {
    const claim = this.#claims.get(path);
    if (!claim) return;
    this.#claims.delete(path);
    this.#uses.delete(path);
    this.#passed.delete(path);
    const paths = this.#pathsOfToken.get(claim.token);
    paths?.delete(path);
    if (paths?.size === 0) this.#pathsOfToken.delete(claim.token);
  }
}

/** The text for `pending` about a resource's pending activations; null if there are none. */
export function describePending(ledger: Ledger, token: string): string | null {
  const services = ledger.pendingActivationsOf(token).map(({ service }) => service);
  if (services.length === 0) return null;
  return PENDING.notServed([...new Set(services)].sort().join(" and "));
}
