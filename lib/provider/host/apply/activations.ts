import type { Session } from "../../../shared/transport/session";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import { type LedgerFile, LedgerUnusable } from "../record/ledger-file";
import type { Part } from "./work";

/** The pending activations of one service, as recorded in the host's ledger. */
export class Activations {
  /** Activations of restored files for which the service could not be activated since. */
  readonly #notTold = new Set<string>();

  constructor(
    private readonly service: string,
    private readonly ledgerFile: LedgerFile,
    private readonly session: Session,
  ) {}

  /** Whether any activation is pending, those of earlier runs included. */
  get arePending(): boolean {
    return this.#pending.length > 0;
  }

  /** Records the activations of parts as pending again, if an undone attempt has settled them. */
  async note(parts: readonly Part[]): Promise<Problem | undefined> {
    const { service, ledgerFile, session } = this;
    const settled = parts.filter(({ activationId: id }) => id !== null && !ledgerFile.ledger.isPending(id));
    if (settled.length === 0) return undefined;
    ledgerFile.note(
      settled.map(
        ({ activationId, work }) => ["owe", service, activationId ?? "", work.change.token] as const,
      ),
    );
    try {
      await ledgerFile.flush(session);
      return undefined;
    } catch (error) {
      if (!(error instanceof LedgerUnusable)) throw error;
      const summary = SERVICE.pendingNotNoted(service);
      return { summary, detail: `${error.message}. Nothing was changed for it.` };
    }
  }

  /** Settles the activations of parts: their files were restored, and the service serves the restored ones. */
  settle(parts: readonly Part[]): void {
    this.#settle(idsOf(parts));
  }

  /** Settles all activations: the service was activated with all files that are in place. */
  settleAll(): void {
    this.#settle(this.#pending.filter((id) => !this.#notTold.has(id)));
  }

  /**
   * Keeps the activations of parts pending, even if the service is activated for other parts: the tables that
   * `build` makes do not reflect yet that these files were restored.
   */
  keep(parts: readonly Part[]): void {
    for (const id of idsOf(parts)) this.#notTold.add(id);
  }

  /** Records that the tables of `build` reflect all restored files. */
  built(): void {
    this.#notTold.clear();
  }

  get #pending(): string[] {
    const { pendingActivations } = this.ledgerFile.ledger;
    return pendingActivations.filter(({ service }) => service === this.service).map(({ id }) => id);
  }

  #settle(ids: readonly string[]): void {
    this.ledgerFile.note(ids.map((id) => ["paid", id] as const));
  }
}

function idsOf(parts: readonly Part[]): string[] {
  return parts.flatMap(({ activationId }) => activationId ?? []);
}
