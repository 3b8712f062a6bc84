import { networkInterfaces } from "node:os";
import { NameServers } from "../../../shared/dns/name-servers";
import { parseSshDestination } from "../../../shared/ssh-destination";
import type { AcmeDirectories } from "../../acme/directories";
import { DnsHook } from "../../acme/dns-hook";
import { HttpWebroot, type WebHost } from "../../acme/http-webroot";
import type { Solver } from "../../acme/solver";
import { ZoneServers } from "../../acme/zone-servers";
import type { Hosts } from "../../host/hosts";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import { notDeclared } from "../named-host";
import { type ChallengeValues, DEFAULT_PROPAGATION_SECONDS } from "./schema";

/** The solver for the challenge. Null, after an error, if a host is not declared or unknown. */
export function solverOf(
  challenge: ChallengeValues,
  hosts: Hosts,
  directories: AcmeDirectories,
  diagnostics: Diagnostics,
): Solver | null {
  const nameServers = challenge.look_first === false ? null : nameServersOf(challenge);
  const hasOwnServers = challenge.dns_servers !== null;
  if (challenge.hook !== null) {
    return new DnsHook({
      command: challenge.hook,
      chain: challenge.hook_chain === true,
      nameServers: nameServers === null || hasOwnServers ? nameServers : new ZoneServers(nameServers),
      propagationMs: (challenge.propagation_seconds ?? DEFAULT_PROPAGATION_SECONDS) * 1000,
      mutex: directories.hookMutex,
    });
  }
  const webHosts = webHostsOf(challenge.hosts ?? hosts.names, hosts, diagnostics);
  return webHosts && new HttpWebroot(String(challenge.webroot), webHosts, nameServers);
}

export function nameServersOf({ dns_servers }: ChallengeValues): NameServers {
  return new NameServers(dns_servers);
}

export function challengeType({ hook }: ChallengeValues): Solver["type"] {
  return hook === null ? "http-01" : "dns-01";
}

/** The addresses or names of the hosts that a token is written to. */
export function challengeHosts(challenge: ChallengeValues, hosts: Hosts): readonly string[] {
  return (challenge.hosts ?? hosts.names).flatMap((name) => {
    const host = hosts.find(name);
    if (!host || host.settings.gone) return [];
    const { ssh } = host.settings;
    return ssh ? [parseSshDestination(ssh.address).host] : ownAddresses();
  });
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ internal, address }) => (internal ? [] : [address])),
  );
}

function webHostsOf(
  names: readonly string[],
  hosts: Hosts,
  diagnostics: Diagnostics,
): readonly WebHost[] | null {
  const found: WebHost[] = [];
  for (const name of names) {
    const host = hosts.find(name);
    if (!host) {
      diagnostics.error(
        ACME.notHost,
        host === null
          ? `The settings of "${name}" in the provider's hosts are not known yet.`
          : notDeclared(name),
        ["challenge", "hosts"],
      );
      return null;
    }
    // A host marked as gone receives no token: no name resolves to it.
    if (host.settings.gone) continue;
    const { publicFiles } = host;
    found.push({
      name,
      put: (path, text) => publicFiles.put(path, text),
      remove: (path) => publicFiles.remove(path),
    });
  }
  if (found.length > 0) return found;
  diagnostics.error(
    ACME.noHost,
    "The provider declares no host to put a token on. Declare the mail hosts, or use a DNS hook.",
    ["challenge", "webroot"],
  );
  return null;
}
