import { basename } from "node:path";
import type { Pebble } from "../../../support/pebble";
import type { Values } from "../../../support/resource-lifecycle";

/** The attributes by which a resource finds a Pebble. */
export function directoryOf(pebble: Pebble) {
  return { directory_url: pebble.directoryUrl, directory_ca_pem: pebble.directoryCaPem };
}

/** A challenge by files in the directory from which the Pebble's web server answers, on a host whose root is above it. */
export function webrootChallenge(pebble: Pebble, more: Values = {}): Values {
  return {
    webroot: `/${basename(pebble.web.directory)}`,
    hosts: null,
    hook: null,
    hook_chain: null,
    propagation_seconds: null,
    look_first: null,
    dns_servers: [pebble.dnsServer],
    ...more,
  };
}

/** The configuration of a certificate that a Pebble issues. */
export function certificateValues(
  pebble: Pebble,
  account: Values,
  names: readonly string[],
  more: Values = {},
): Values {
  return {
    ...directoryOf(pebble),
    account_url: account.url ?? null,
    account_key_pem: account.private_key_pem ?? null,
    names: [...names],
    challenge: webrootChallenge(pebble),
    ...more,
  };
}
