import { missingTools } from "../../shared/transport/missing-tools";
import type { Answer, AnswersTo, Call } from "../../shared/transport/session";
import { clockWarning } from "./clock";
import type { Problem } from "./desired/change";
import type { HostSettings } from "./desired/host-settings";
import { HostUnusable } from "./host-unusable";
import type { LedgerFile } from "./record/ledger-file";

/** The order of the calls on the first trip. */
type Questions = readonly [tools: Call, identity: Call, ledger: Call, clock: Call];

/** The checks on the first trip to a host: is it usable, and is it the same machine as before? */
export class HostChecks {
  readonly #unsaid: Problem[] = [];

  constructor(
    private readonly host: HostSettings,
    /** Whether a topic is reported for the first time. */
    private readonly isNews: (topic: string) => boolean,
  ) {}

  questions(ledgerFile: LedgerFile): Questions {
    return [["missing_tools"], ["identity"], ledgerFile.question(), ["clock"]];
  }

  /** @throws {HostUnusable} where tools are missing */
  refuseUnfit([tools, , , clock]: Readonly<AnswersTo<Questions>>): void {
    refuseMissing(tools);
    this.#compareClocks(clock);
  }

  /**
   * Reads the ledger, and checks that it belongs to this machine.
   *
   * @returns the machine's SSH host keys; empty if the root is another directory than `/`, which may be copied
   * @throws {HostUnusable} if the ledger belongs to another machine
   * @throws {LedgerUnusable}
   */
  recognise([, identity, ledger]: Readonly<AnswersTo<Questions>>, ledgerFile: LedgerFile): readonly string[] {
    ledgerFile.catchUp(ledger);
    const keys = this.host.root === "/" ? keysIn(identity) : [];
    refuseCopy(keys, ledgerFile);
    return keys;
  }

  /** Warnings about the host, for the next change or observation. Each is returned once. */
  takeWarnings(): Problem[] {
    return this.#unsaid.splice(0);
  }

  #compareClocks(answer: Answer): void {
    const warning = clockWarning(this.host.name, answer, new Date());
    if (warning && this.isNews("clock")) this.#unsaid.push(warning);
  }
}

/** The keys in the answer, bounded: a machine has one or two of each kind, and each must fit a line of the ledger. */
function keysIn({ output }: Answer): string[] {
  return output.split("\n", 30).filter((key) => /^[!-~]{4,8000}$/.test(key));
}

function refuseMissing(answer: Answer): void {
  const missing = missingTools(answer);
  if (missing.length === 0) return;
  throw new HostUnusable(
    `Tools are missing: ${missing.join(", ")}. Install coreutils, grep and util-linux on the host`,
  );
}

/** Refuses a ledger that was copied with a disk image: it describes another machine's files. */
function refuseCopy(keys: readonly string[], { ledger: { hostKeys }, path }: LedgerFile): void {
  if (keys.length === 0 || hostKeys.size === 0 || keys.some((key) => hostKeys.has(key))) return;
  throw new HostUnusable(
    `${path} was created on another machine: no SSH host key matches. If this host is a copy of ` +
      "that one, remove the file here. If the host has new keys, add them to the lines that begin with `host`",
  );
}
