import { type Connection, sameConnection } from "../../shared/transport/connection-settings";
import type { Host } from "../host/host";
import type { Hosts } from "../host/hosts";
import { HOST } from "../messages/hosts";
import type { Diagnostics } from "../protocol/diagnostics";
import type { PrivateState } from "../protocol/resource";
import { isUnknown, type Plannable } from "../protocol/values/unknown";

/** Whether a renamed host, or one with another address, has the same files. */
export function reachesSameHost(
  prior: string,
  planned: Plannable<string>,
  kept: PrivateState,
  hosts: Hosts,
): boolean {
  if (planned === prior) return true;
  const before = connectionIn(kept);
  const after = isUnknown(planned) ? undefined : hosts.find(planned)?.settings;
  return before !== null && after !== undefined && sameConnection(before, after);
}

function declaredHost(name: string, hosts: Hosts, diagnostics: Diagnostics): Host | null {
  const host = hosts.find(name);
  if (host) return host;
  if (host === undefined) refuseUndeclared(name, diagnostics);
  else
    diagnostics.error(
      HOST.unknown(name),
      `The settings of "${name}" in the provider's hosts depend on what is only known after apply. Write them as literals.`,
      ["host"],
    );
  return null;
}

/** Refuses the `host` of a resource that the provider does not declare. */
export function refuseUndeclared(name: string, diagnostics: Diagnostics): void {
  diagnostics.error(HOST.unknown(name), notDeclared(name), ["host"]);
}

/** What is wrong with a name that the provider's hosts do not have, and what to do. */
export function notDeclared(name: string): string {
  return `The provider's hosts have no "${name}". Declare it there, or name one that is declared.`;
}

/** The host; null, after an error, if it cannot be written to. */
export function writableHost(name: string, hosts: Hosts, diagnostics: Diagnostics): Host | null {
  const host = declaredHost(name, hosts, diagnostics);
  refuseGone(host, diagnostics);
  return diagnostics.hasErrors ? null : host;
}

/** The host, or the one that is reached by its last connection; null, after an error, if neither is known. */
export function reachableHost(
  name: string,
  kept: PrivateState,
  hosts: Hosts,
  diagnostics: Diagnostics,
): Host | null {
  return knownHost(name, kept, hosts) ?? declaredHost(name, hosts, diagnostics);
}

/** Finds the host as `reachableHost` does, but adds no error: null if neither is known. */
export function knownHost(name: string, kept: PrivateState, hosts: Hosts): Host | null {
  const declared = hosts.find(name);
  const connection = connectionIn(kept);
  return declared === undefined && connection ? hosts.formerly(name, connection) : (declared ?? null);
}

export function refuseGone(host: Host | null | undefined, diagnostics: Diagnostics): void {
  if (!host?.settings.gone) return;
  diagnostics.error(
    HOST.isGone(host.settings.name),
    "No files can be written to it. Remove what is declared for it from the configuration, " +
      "or the mark if it is back.",
    ["host"],
  );
}

/** How to reach the host, stored for the case that it is no longer declared when its files are to be removed. */
export function rememberedConnection({ settings }: Host): { readonly connection: Connection } {
  const { ssh = null, root, stateDirectory, applyOwnership } = settings;
  return { connection: { ssh, root, stateDirectory, applyOwnership } };
}

function connectionIn(kept: PrivateState): Connection | null {
  return (kept?.connection as Connection | undefined) ?? null;
}
