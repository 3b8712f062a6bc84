import { isDeepStrictEqual } from "node:util";
import { sentence } from "../../../shared/transport/sentence";
import type { Host } from "../../host/host";
import { ChangedSincePlan, HalfSwitched, type Settled } from "../../host/host-renewers";
import type { Hosts } from "../../host/hosts";
import { pendingWords } from "../../host/renewers/pending-words";
import { placesToRetire, retiredPlaces, unplanned } from "../../host/renewers/places";
import { NOTHING_RETIRED, type Retirement } from "../../host/renewers/retirement";
import { RENEWER } from "../../messages/renewers";
import type { Diagnostics } from "../../protocol/diagnostics";
import { defineResource, type Outcome, type Resource } from "../../protocol/resource";
import { isUnknown, isWhollyKnown, type Plannable, UNKNOWN } from "../../protocol/values/unknown";
import {
  reachableHost,
  reachesSameHost,
  refuseGone,
  rememberedConnection,
  writableHost,
} from "../named-host";
import { reportUnusable, unobserved } from "../unusable-host";
import { type RetiredRenewers, type RetiredRenewersAttributes, schema } from "./schema";
import { warnOfShared } from "./shared-place-warnings";
import { validate } from "./validation";

/** `mailsni_retired_renewers`: clients of CAs that no longer run on a host. */
export function retiredRenewers(): Resource<RetiredRenewersAttributes, Hosts> {
  return defineResource<RetiredRenewersAttributes, Hosts>({
    schema,
    validate,

    plan({ config, prior, planned, private: kept, provider, diagnostics, requireReplacement }) {
      if (prior !== null && namesNoMore(planned.planned_places, prior))
        planned.planned_places = prior.planned_places;
      const isApplied = prior === null || prior.pending !== null || !isDeepStrictEqual(planned, prior);
      if (!isApplied) return;
      if (config.planned_places === null) planned.planned_places = UNKNOWN;
      planned.places = UNKNOWN;
      planned.pending = UNKNOWN;
      if (!isUnknown(planned.host)) refuseGone(provider.find(planned.host), diagnostics);
      if (prior !== null && !reachesSameHost(prior.host, planned.host, kept, provider))
        requireReplacement(["host"]);
    },

    async create({ config, provider, diagnostics }) {
      const host = writableHost(config.host, provider, diagnostics);
      return host && settle(host, config, NOTHING_RETIRED, { stack: provider.stack, diagnostics });
    },

    async read({ prior, private: kept, provider, diagnostics }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (host === null) return null;
      if (!host.settings.applyOwnership || host.settings.gone) return { state: prior, private: kept };
      try {
        return outcome(await observed(host, prior, provider.stack), host);
      } catch (error) {
        return unobserved(error, host, diagnostics) === "unknown" ? { state: prior, private: kept } : null;
      }
    },

    async update({ config, prior, provider, diagnostics }) {
      const host = writableHost(config.host, provider, diagnostics);
      return host && settle(host, config, retirementOf(prior), { stack: provider.stack, diagnostics });
    },

    async delete({ prior, private: kept, provider, diagnostics }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (host === null || host.settings.gone || !host.settings.applyOwnership) return;
      try {
        const { stack } = provider;
        const before = retirementOf(prior);
        const settled = await host.renewers.settle({ stack, wanted: NOTHING_RETIRED, before, planned: null });
        for (const { path, reason } of [...settled.failed, ...settled.stillOff])
          diagnostics.error(
            RENEWER.notRestored(host.settings.name),
            `${path}: ${sentence(reason)} Correct that, and apply again.`,
          );
        warnOfKept(settled, host, diagnostics);
      } catch (error) {
        reportUnusable(error instanceof HalfSwitched ? error.cause : error, host, diagnostics);
      }
    },
  });
}

/** Whether the planned places are those of before, in lines that may have moved, or without some that are gone. */
function namesNoMore(
  planned: Plannable<readonly Plannable<string>[] | null>,
  { planned_places: before }: RetiredRenewers,
): boolean {
  if (before === null || planned === null || !isWhollyKnown<readonly string[]>(planned)) return false;
  return unplanned(before, planned).length === 0;
}

type Declared = Pick<RetiredRenewers, "programs" | "hooks">;

function retirementOf({ programs, hooks }: Declared): Retirement {
  return { programs: programs ?? [], hooks: hooks ?? [] };
}

/** What could not be switched off is a warning, and pending: the rest is in the state, so that it can be switched on again. */
async function settle(
  host: Host,
  config: RetiredRenewers,
  before: Retirement,
  { stack, diagnostics }: { readonly stack: string; readonly diagnostics: Diagnostics },
): Promise<Outcome<RetiredRenewersAttributes> | null> {
  const { name, applyOwnership } = host.settings;
  if (!applyOwnership) {
    diagnostics.warning(
      RENEWER.notSwitched(name),
      "The host's `ownership` is `skip`, which is the default below a `root`: nothing is switched off there.",
    );
    return outcome(
      { ...config, planned_places: config.planned_places ?? [], places: [], pending: null },
      host,
    );
  }
  try {
    const planned = config.planned_places;
    const settled = await host.renewers.settle({ stack, wanted: retirementOf(config), before, planned });
    warnOfKept(settled, host, diagnostics);
    warnOfShared(settled.shared, host, "apply", diagnostics);
    for (const { path, reason } of settled.failed)
      diagnostics.warning(
        RENEWER.notRetired(name),
        `${path}: ${sentence(reason)} Switch it off by hand, or correct that and apply again.`,
      );
    for (const { path, reason } of settled.stillOff)
      diagnostics.warning(
        RENEWER.notRestored(name),
        `${path}: ${sentence(reason)} It is still off, and pending. Correct that, and apply again.`,
      );
    return outcome(await observed(host, config, stack).catch(halfSwitched), host);
  } catch (error) {
    if (error instanceof ChangedSincePlan) {
      diagnostics.error(
        RENEWER.changedSincePlan(name),
        `Found now: ${error.places.join("; ")}. The plan does not name this, and nothing was changed. Plan again.`,
      );
      return null;
    }
    const isHalf = error instanceof HalfSwitched;
    reportUnusable(isHalf ? error.cause : error, host, diagnostics);
    return isHalf ? outcome(half(config, before), host) : null;
  }
}

function warnOfKept({ kept }: Settled, { settings }: Host, diagnostics: Diagnostics): void {
  for (const { name, stack } of kept)
    diagnostics.warning(
      RENEWER.staysOff(name, settings.name),
      `The stack "${stack}" has it switched off too, and it runs again when that stack no longer does. If that stack is gone, ` +
        `remove its lines from ${settings.stateDirectory}/retired-by on the host, and switch it on by hand.`,
    );
}

function halfSwitched(error: unknown): never {
  throw new HalfSwitched(error);
}

/** The state has all that may be off: a later apply or destroy can switch it on again. */
function half({ host, planned_places, ...wanted }: RetiredRenewers, before: Retirement): RetiredRenewers {
  const { programs, hooks } = retirementOf(wanted);
  return {
    host,
    planned_places: planned_places ?? [],
    programs: orNull([...before.programs, ...programs]),
    hooks: orNull([...before.hooks, ...hooks]),
    places: [],
    pending: "it is not known what is switched off: the host was lost meanwhile",
  };
}

function orNull(values: readonly string[]): string[] | null {
  return values.length > 0 ? [...new Set(values)] : null;
}

async function observed(host: Host, state: RetiredRenewers, stack: string): Promise<RetiredRenewers> {
  const retirement = retirementOf(state);
  const facts = await host.renewers.observe(retirement);
  return {
    ...state,
    planned_places: state.planned_places ?? placesToRetire(retirement, facts),
    places: retiredPlaces(retirement, facts),
    pending: pendingWords(retirement, stack, facts),
  };
}

function outcome(state: RetiredRenewers, host: Host): Outcome<RetiredRenewersAttributes> {
  return { state, private: rememberedConnection(host) };
}
