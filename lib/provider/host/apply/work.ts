import type { CertificateFacts } from "../../../shared/certificate-facts";
import { inspectCombinedPem } from "../../../shared/combined-pem";
import type { Change, ChangeResult, DesiredFile, Problem } from "../desired/change";
import type { Fact } from "../record/facts";
import type { Claim, Use } from "../record/ledger";
import type { Decision, Step } from "./decision";
import type { MovingName } from "./moving-names";

/** A change in progress. */
export class Work {
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly parts: Part[] = [];
  /** The previous owners of the paths that this change has claimed, to be restored if it fails. */
  readonly previousOwners = new Map<string, Claim | undefined>();
  /** What those of them that a program on the host had claimed are to it. */
  readonly previousUses = new Map<string, Use>();
  /** The present facts about the paths that the change declares. */
  readonly facts = new Map<string, Fact>();
  decision: Decision | undefined;
  pending: string | null = null;

  constructor(readonly change: Change) {}

  get failed(): boolean {
    return this.errors.length > 0;
  }

  get result(): ChangeResult {
    const { errors, warnings, pending, facts } = this;
    return { errors, warnings, pending, facts };
  }
}

/** The files of a change for one service: swapped in, or restored, as a whole. */
export class Part {
  /** The steps that were swapped in, in order. */
  readonly done: Step[] = [];
  /**
   * Names that other configuration overrides: a handshake for one of them proves nothing about this
   * certificate.
   */
  readonly takenNames = new Set<string>();
  /** Names that another resource of the same state still has: they are not asked for yet. */
  moving: MovingName[] = [];
  failed = false;

  constructor(
    readonly work: Work,
    readonly service: string | null,
    /** The steps; empty if the service only has to be activated for files that an earlier run swapped in. */
    readonly steps: readonly Step[],
    /** Identifies the pending activation in the ledger; null if these steps need none. */
    readonly activationId: string | null,
  ) {}

  /** The certificate that the service is to present for the names of the change. */
  get pem(): DesiredFile | undefined {
    return this.work.change.files.find(({ secret, service }) => secret && service === this.service);
  }

  /** The leaf in `pem`; undefined if it cannot be read. */
  get leaf(): CertificateFacts | undefined {
    if (!this.pem) return undefined;
    const inspection = inspectCombinedPem(this.pem.contents, { names: [], at: new Date() });
    return inspection.ok ? inspection.certificate.leaf : undefined;
  }

  /** PEMs and links are swapped in first, so that no configuration names a missing file. */
  get arriving(): Step[] {
    return this.steps.filter((step) => isPem(step) || (step.do === "link" && !this.#replacesPem));
  }

  /** Links to a replaced PEM are swapped in after it: the old certificate need not cover their names. */
  get following(): Step[] {
    return this.#replacesPem ? this.steps.filter((step) => step.do === "link") : [];
  }

  get #replacesPem(): boolean {
    return this.steps.some((step) => isPem(step) && step.replaces);
  }

  get configuration(): Step[] {
    return [
      ...this.stagedConfiguration,
      ...this.steps.filter((step) => step.do === "remove" && step.configuration),
    ];
  }

  get stagedConfiguration(): Step[] {
    return this.steps.filter((step) => step.do === "put" && !step.file.secret);
  }

  /** The files of the service that hold no keys, changed or not. */
  get configurationFiles(): DesiredFile[] {
    return this.work.change.files.filter(({ secret, service }) => !secret && service === this.service);
  }

  /** Whether to query the service's commands for the effect of the configuration. */
  get isInQuestion(): boolean {
    return this.stagedConfiguration.length > 0 || this.work.change.asksServices === true;
  }

  /** PEMs and links are removed last, so that no configuration names a missing file. */
  get leaving(): Step[] {
    return this.steps.filter((step) => step.do === "remove" && !step.configuration);
  }

  fail(problem: Problem): void {
    this.failed = true;
    this.work.errors.push(problem);
  }
}

function isPem(step: Step): step is Extract<Step, { do: "put" }> {
  return step.do === "put" && step.file.secret;
}
