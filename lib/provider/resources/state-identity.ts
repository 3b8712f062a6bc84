import { randomBytes } from "node:crypto";
import { groupBy } from "../../shared/grouping";
import { HostUnreachable } from "../../shared/transport/unreachable";
import { lastWrite, waysOut } from "../host/apply/other-state";
import type { Host } from "../host/host";
import { HostUnusable } from "../host/host-unusable";
import type { Hosts } from "../host/hosts";
import type { KnownState } from "../host/record/states";
import { Journals } from "../journal/journals";
import { CONFIGURATION } from "../messages/configuration";
import { HOST } from "../messages/hosts";
import { JOURNAL } from "../messages/journal";
import type { Diagnostics } from "../protocol/diagnostics";
import { defineResource } from "../protocol/resource";
import { attribute } from "../protocol/schema/schema";
import { UNKNOWN } from "../protocol/values/unknown";
import { reportFailure } from "./error-reports";

const attributes = {
  id: attribute.string({
    description:
      "16 random hexadecimal digits, which never change. Set `state_id` of each `mailsni_host_files` to it.",
    computed: true,
  }),
};

/** `mailsni_state_identity`: a host's ledger distinguishes states of the same stack by it. */
export function stateIdentity(journals = new Journals()) {
  return defineResource<typeof attributes, Hosts>({
    schema: {
      version: 0,
      description:
        "Identifies this Terraform state on hosts, one for each state. It is not created if a host of the " +
        "provider has files of another state of the same stack. Let everything that issues certificates " +
        "depend on it, so that nothing is issued then.",
      attributes,
    },

    async plan({ prior, planned, provider }) {
      if (prior === null) planned.id = UNKNOWN;
      else await journals.of(provider).noteSavedState(String(prior.id));
    },

    async create({ provider, diagnostics, signal }) {
      for (const [state, hosts] of await otherStates(provider, diagnostics)) {
        diagnostics.error(
          HOST.deployedFromOtherState(provider.stack),
          `${hosts.length > 1 ? "Hosts" : "Host"} ${quoted(hosts)}: the stack "${provider.stack}" has files there in ` +
            `${lastWrite(state)}. This state is a new one without them: it would issue new certificates, and ` +
            `replace theirs. ${waysOut([state.id], provider.stack)}`,
        );
      }
      if (diagnostics.hasErrors) return null;
      const id = randomBytes(8).toString("hex");
      try {
        await journals.of(provider).noteNewState(id, signal);
        return { state: { id } };
      } catch (error) {
        reportFailure(error, JOURNAL.held, diagnostics);
        return null;
      }
    },

    identity: {
      attributes: { id: { description: "The 16 hexadecimal digits of the state.", required: true } },
      parse: (id) => ({ id }),
      of: ({ id }) => ({ id }),
    },

    async import({ identity: { id = null }, diagnostics }) {
      if (id !== null && /^[0-9a-f]{16}$/.test(id)) return { state: { id } };
      diagnostics.error(
        CONFIGURATION.notStateId,
        "The id of a state has 16 hexadecimal digits, as the messages about another state and the ledgers of hosts have it.",
      );
      return null;
    },

    async read({ prior }) {
      return { state: prior };
    },

    async update({ prior }) {
      return { state: prior };
    },

    async delete({ prior, provider }) {
      // If it is being replaced, the next identity belongs to the same state.
      if (prior.id !== null) provider.takesOver.add(prior.id);
    },
  });
}

/** The number of hosts that are asked at once, the same as an engine works on: a jump host for all of them may accept no more. */
const HOSTS_AT_ONCE = 10;

/** The states that have files of the stack, with the names of the hosts. */
async function otherStates(hosts: Hosts, diagnostics: Diagnostics): Promise<Map<KnownState, string[]>> {
  const found: { readonly name: string; readonly state: KnownState }[] = [];
  const waiting = hosts.names.values();
  const work = async () => {
    for (const name of waiting) {
      const host = hosts.find(name);
      const states = host && !host.settings.gone ? await statesInForce(host, hosts, diagnostics) : [];
      found.push(...states.map((state) => ({ name, state })));
    }
  };
  await Promise.all(Array.from({ length: HOSTS_AT_ONCE }, work));
  const others = found.filter(({ state: { id } }) => !hosts.takesOver.has(id));
  const byId = groupBy(others, ({ state }) => state.id);
  return new Map([...byId.values()].map((group) => [latest(group), group.map(({ name }) => name).sort()]));
}

/** A host that cannot be checked is skipped: resources with files on it report it. */
async function statesInForce(
  host: Host,
  { stack, place }: Hosts,
  diagnostics: Diagnostics,
): Promise<KnownState[]> {
  try {
    const { ledger, warnings } = await host.observe({ paths: [], texts: new Map() });
    for (const { summary, detail } of warnings) diagnostics.warning(summary, detail);
    return ledger.statesInForce(stack, place);
  } catch (error) {
    if (error instanceof HostUnreachable || error instanceof HostUnusable) return [];
    throw error;
  }
}

function latest(group: readonly [{ state: KnownState }, ...{ state: KnownState }[]]): KnownState {
  return group
    .map(({ state }) => state)
    .reduce((latest, state) => (state.wroteAt > latest.wroteAt ? state : latest));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
