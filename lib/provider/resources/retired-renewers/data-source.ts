import { sentence } from "../../../shared/transport/sentence";
import { HostUnreachable } from "../../../shared/transport/unreachable";
import type { Host } from "../../host/host";
import type { Hosts } from "../../host/hosts";
import { placesToRetire } from "../../host/renewers/places";
import { NOTHING_RETIRED } from "../../host/renewers/retirement";
import { sharedPlaces } from "../../host/renewers/shared-places";
import { RENEWER } from "../../messages/renewers";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { DataSource } from "../../protocol/resource";
import { attribute, type ValuesOf } from "../../protocol/schema/schema";
import { refuseUndeclared } from "../named-host";
import { attributes as ofRetired } from "./schema";
import { warnOfShared } from "./shared-place-warnings";
import { validate } from "./validation";

const attributes = {
  host: ofRetired.host,
  programs: ofRetired.programs,
  hooks: ofRetired.hooks,
  places: attribute.list("string", {
    description:
      "What a `mailsni_retired_renewers` with these values switches off, or has switched off: each crontab, script, service and " +
      "hook, and how. Null if the host cannot be asked.",
    computed: true,
  }),
};

type Attributes = typeof attributes;

/**
 * `mailsni_renewers`: what runs clients of CAs on a host. A data source, so that a plan names what its apply switches off: what an
 * engine has read in a plan is in the plan.
 */
export function renewers(): DataSource<Attributes, Hosts> {
  return {
    schema: {
      version: 0,
      description:
        "What a `mailsni_retired_renewers` switches off on a host. It changes nothing there. A host that cannot be asked is a " +
        "warning: the plan then does not name what is switched off.",
      attributes,
    },
    validate,
    async read({ config, provider, diagnostics }) {
      const host = provider.find(config.host);
      if (host === undefined && provider.areKnown) {
        refuseUndeclared(config.host, diagnostics);
        return null;
      }
      return {
        ...config,
        places: host ? await placesOn(host, config, { stack: provider.stack, diagnostics }) : null,
      };
    },
  };
}

async function placesOn(
  host: Host,
  { programs, hooks }: ValuesOf<Attributes>,
  { stack, diagnostics }: { readonly stack: string; readonly diagnostics: Diagnostics },
): Promise<string[] | null> {
  const { name, gone, applyOwnership } = host.settings;
  if (gone) return null;
  if (!applyOwnership) return [];
  const wanted = { programs: programs ?? [], hooks: hooks ?? [] };
  try {
    const facts = await host.renewers.observe(wanted);
    // The state is not known here: what the host has recorded for the stack stands for it.
    warnOfShared(sharedPlaces({ stack, wanted, before: NOTHING_RETIRED }, facts), host, "plan", diagnostics);
    return placesToRetire(wanted, facts);
  } catch (error) {
    const { message } = error instanceof HostUnreachable ? error : host.unusable(error);
    diagnostics.warning(RENEWER.notFound(name), sentence(message));
    return null;
  }
}
