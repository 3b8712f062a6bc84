import { dirname } from "node:path";
import { expect } from "vitest";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { Hosts } from "../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { acmeTimeouts } from "../../support/acme-timeouts";
import type { Pebble } from "../../support/pebble";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

/** A certificate with its chain, and its key: PEM. */
export interface OrderedPair {
  readonly fullChain: string;
  readonly key: string;
}

/** What another client has made at the CA: its account, and a certificate for each domain. */
export interface Left {
  readonly accountUrl: string;
  readonly accountKey: string;
  readonly certificates: ReadonlyMap<string, OrderedPair>;
}

export interface Ordering {
  /** The names of each domain's certificate. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** PEM. @default one that is made for it */
  readonly accountKey?: string;
  /** @default "ECDSA-P256" */
  readonly keyAlgorithm?: string;
}

/** Certificates that were not ordered with the stack, from the same CA. */
export async function orderedElsewhere(
  pebble: Pebble,
  { names, accountKey, keyAlgorithm }: Ordering,
): Promise<Left> {
  const directories = new AcmeDirectories(acmeTimeouts({ attempts: 4, pollMs: 200 }));
  const root = dirname(pebble.web.directory);
  const host = { name: "mx1", root, stateDirectory: "/state", applyOwnership: false, services: new Map() };
  const hosts = new Hosts("before", new Map([["mx1", host]]));
  const ca = { directory_url: pebble.directoryUrl, directory_ca_pem: pebble.directoryCaPem };
  const account = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
  await account.apply({
    ...ca,
    terms_of_service_agreed: true,
    ...(accountKey !== undefined && { account_key_pem: accountKey }),
  });
  const state = account.state as Values;
  const key = accountKey ?? String(state.private_key_pem);
  const certificates = new Map<string, OrderedPair>();
  const waiting = [...names];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [domain, ofDomain] = next;
      const certificate = new ResourceLifecycle(acmeCertificate(directories, new KeyPassphrases()), hosts);
      const { diagnostics } = await certificate.apply({
        ...ca,
        account_url: state.url as string,
        account_key_pem: key,
        names: [...ofDomain],
        ...(keyAlgorithm !== undefined && { key_algorithm: keyAlgorithm }),
        challenge: {
          webroot: pebble.web.directory.slice(root.length),
          hosts: null,
          hook: null,
          hook_chain: null,
          propagation_seconds: null,
          look_first: false,
          dns_servers: [pebble.dnsServer],
        },
      });
      expect(diagnostics).toEqual([]);
      const { certificate_pem, chain_pem, private_key_pem } = certificate.state as Record<string, string>;
      certificates.set(domain, { fullChain: `${certificate_pem}${chain_pem}`, key: String(private_key_pem) });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  await hosts.close();
  directories.close();
  return { accountUrl: String(state.url), accountKey: key, certificates };
}
