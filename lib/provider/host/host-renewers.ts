import { FIND_RENEWERS } from "../../shared/renewers/find-renewers";
import { hooksIn, inWords, programsOf } from "../../shared/renewers/renewers";
import { askCall, saidIn } from "../../shared/transport/asked";
import { onHost, rootPrefix, withoutRoot } from "../../shared/transport/connection-settings";
import { KeptSession } from "../../shared/transport/kept-session";
import type { Session } from "../../shared/transport/session";
import type { Timeouts } from "../../shared/transport/timeouts";
import type { Transport } from "../../shared/transport/transport";
import { Batches } from "./batches";
import type { HostSettings } from "./desired/host-settings";
import type { HostChecks } from "./host-checks";
import { HostUnusable } from "./host-unusable";
import { LedgerFile } from "./record/ledger-file";
import { placesToRetire, unplanned } from "./renewers/places";
import retireScript from "./renewers/retire.sh";
import {
  type ActiveWriter,
  bothOf,
  droppedBy,
  indispensable,
  NOTHING_RETIRED,
  type RenewerFacts,
  type Retirement,
  renewerFacts,
  type Step,
  stepsTo,
  wantsOf,
} from "./renewers/retirement";
import { type Change, everWanted } from "./renewers/returning-places";
import { type SharedPlace, sharedPlaces } from "./renewers/shared-places";

const SCRIPT = `${FIND_RENEWERS}\n${retireScript}`;
const LIMITS = { commandMs: 60_000, bytes: 4 * 1024 * 1024 };

const INDISPENSABLE =
  "dehydrated renews nothing if it cannot run its hook. Remove HOOK from its configuration, or what writes files of the mail " +
  "servers from the hook, or switch dehydrated itself off (programs)";

/** A change of what is off for a stack, from what its state has. */
export interface Settlement extends Change {
  /** What may be switched off, as `placesToRetire` names it; null for anything that is wanted. */
  readonly planned: readonly string[] | null;
}

/** A place, and why it could not be switched. */
export interface Failure {
  readonly path: string;
  readonly reason: string;
}

/** What a change has not done. */
export interface Settled {
  /** Places that could not be switched off, and why. */
  readonly failed: readonly Failure[];
  /** Places that could not be switched on again. They stay recorded for the stack, so that the next change tries it again. */
  readonly stillOff: readonly Failure[];
  /** What runs a client that is to be off, because it runs another one, too. */
  readonly shared: readonly SharedPlace[];
  /** Clients and hooks that stay off because of another stack. */
  readonly kept: readonly { readonly name: string; readonly stack: string }[];
}

/** The host was lost while something was switched: any part of that may be done. */
export class HalfSwitched extends Error {
  override readonly name = "HalfSwitched";

  constructor(override readonly cause: unknown) {
    super("The host was lost while renewers were switched.");
  }
}

/** The host has more to switch off than the plan has named. Nothing was switched. */
export class ChangedSincePlan extends Error {
  override readonly name = "ChangedSincePlan";

  constructor(readonly places: readonly string[]) {
    super("The host has changed since the plan.");
  }
}

/** The clients of CAs of one host: what runs them, and switching that off and on again. */
export class HostRenewers {
  readonly #shell: KeptSession;
  /** For the check that the ledger is this machine's. */
  readonly #ledgerFile: LedgerFile;
  /** A plan asks for the data source and for the resource at once. */
  readonly #observations = new Batches((hooks: readonly (readonly string[])[]) => this.#observe(hooks));

  constructor(
    private readonly host: HostSettings,
    transport: Transport,
    timeouts: Timeouts,
    private readonly checks: HostChecks,
  ) {
    this.#ledgerFile = new LedgerFile(host);
    this.#shell = new KeptSession(transport, { lifetimeMs: timeouts.readMs, reuseMs: timeouts.shellReuseMs });
  }

  /** @throws {HostUnreachable} {SessionLost} {HostUnusable} {LedgerUnusable} */
  observe({ hooks }: Retirement): Promise<RenewerFacts> {
    return this.#observations.add(hooks);
  }

  /** @param asked hooks, for each of those who ask. All of them get all that is found */
  async #observe(asked: readonly (readonly string[])[]): Promise<RenewerFacts[]> {
    const facts = await this.#shell.begin(async (session) => {
      const answers = await session.round(this.checks.questions(this.#ledgerFile));
      this.checks.refuseUnfit(answers);
      this.checks.recognise(answers, this.#ledgerFile);
      return renewerFacts(await this.#ask(session, "observe", [...new Set(asked.flat())]), this.#without);
    });
    return asked.map(() => facts);
  }

  /**
   * Switches off what is wanted, and on again what the stack has wanted before and no longer wants. What a killed run has left
   * without a state counts as wanted before.
   *
   * @throws what `observe` throws, if nothing was switched; {ChangedSincePlan} {HalfSwitched}
   */
  async settle({ planned, ...change }: Settlement): Promise<Settled> {
    const { stack, wanted, before } = change;
    const facts = await this.observe(bothOf(wanted, before));
    const more = planned === null ? [] : unplanned(planned, placesToRetire(wanted, facts));
    if (more.length > 0) throw new ChangedSincePlan(more);
    const ever = everWanted(change, facts);
    const steps = stepsTo(wanted, ever, facts);
    const wants = wantsOf(wanted, droppedBy(wanted, ever));
    const printed = await this.#change([stack, ...wants, ...steps.flat()]);
    const needed = indispensable(wanted, facts).map((path) => ({ path, reason: INDISPENSABLE }));
    const { failed, kept } = settledIn(printed, this.#without);
    const isOnlyRestored = onlyRestored(steps);
    return {
      failed: [...failed.filter(({ path }) => !isOnlyRestored(path)), ...needed],
      stillOff: failed.filter(({ path }) => isOnlyRestored(path)),
      shared: sharedPlaces(change, facts),
      kept,
    };
  }

  /**
   * Finds the clients that run, and themselves or in their hooks have one of the words.
   *
   * @throws what `observe` throws
   */
  async writing(words: readonly string[]): Promise<ActiveWriter[]> {
    const { active } = await this.observe(NOTHING_RETIRED);
    if (active.length === 0) return [];
    const printed = await this.#shell.begin((session) => this.#ask(session, "hooks", [words.join("\n")]));
    return hooksIn(printed, this.#without).flatMap(({ program, path, words: [word = ""] }) => {
      const renewer = active.find((one) => one.program === program);
      return renewer === undefined ? [] : [{ renewer, path, word }];
    });
  }

  async close(): Promise<void> {
    await this.#observations.settled();
    await this.#shell.close();
  }

  async #change(args: readonly string[]): Promise<string[]> {
    try {
      return await this.#shell.begin((session) => this.#ask(session, "change", args));
    } catch (error) {
      throw new HalfSwitched(error);
    }
  }

  readonly #without = (path: string) => withoutRoot(this.host, path);

  /** @throws {HostUnusable} */
  async #ask(session: Session, mode: string, args: readonly string[]): Promise<string[]> {
    const directory = onHost(this.host, this.host.stateDirectory);
    const command = ["sh", "-c", SCRIPT, "sh", mode, rootPrefix(this.host), directory, ...args];
    const said = saidIn(await session.call(...askCall(command, LIMITS)));
    if (said === undefined)
      throw new HostUnusable("What runs clients of CAs there could not be read in time.");
    return said.text.split("\n");
  }
}

/** Reads what `change` of `retire.sh` has printed. */
function settledIn(
  printed: readonly string[],
  without: (path: string) => string,
): Pick<Settled, "failed" | "kept"> {
  const rows = printed.map((line) => line.split("\t"));
  return {
    failed: rows.flatMap(([tag, path = "", reason = ""]) =>
      tag === "E" ? [{ path: without(path), reason }] : [],
    ),
    kept: uniqueNames(
      rows.flatMap(([tag, stack = "", ...words]) => {
        const name = words.join("\t");
        if (tag !== "S") return [];
        return [{ stack, name: name.startsWith("/") ? name : inWords(programsOf(name)) }];
      }),
    ),
  };
}

/** Says whether nothing was to be switched off at a path. */
function onlyRestored(steps: readonly Step[]): (path: string) => boolean {
  const pathsOf = (wanted: Step[0]) =>
    new Set(steps.flatMap(([action, , , path]) => (action === wanted ? [path] : [])));
  const [restored, retired] = [pathsOf("restore"), pathsOf("retire")];
  return (path) => restored.has(path) && !retired.has(path);
}

/** A client that runs in several places is named once. */
function uniqueNames(kept: Settled["kept"]): Settled["kept"] {
  return [...new Map(kept.map((one) => [one.name, one])).values()];
}
