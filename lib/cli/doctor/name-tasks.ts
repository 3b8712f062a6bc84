import { isIP } from "node:net";
import { NameServerFailure } from "../../shared/dns/name-servers";
import { canonicalAddress } from "../../shared/ip-address";
import { madeOnce } from "../../shared/made-once";
import { parseSshDestination } from "../../shared/ssh-destination";
import type { NameLookups } from "../dns/name-lookups";
import type { PublicFacts } from "../inputs/public-facts";
import { acmeDirectory } from "./checks/names/acme-directory";
import { CertificateAuthority } from "./checks/names/certificate-authority";
import { NAME_CHECKS } from "./checks/names/checks";
import type { OrderedName } from "./checks/names/ordered-name";
import { orders, type StackOrders } from "./checks/names/orders";
import type { DeclaredCertificate } from "./declared/declared-certificates";
import type { DeclaredStack } from "./declared/declared-stack";
import { type Task, taskOf } from "./examination/examination";
import { skipped } from "./examination/finding";
import { THIS_MACHINE } from "./examination/subject";

export interface NameScope {
  /** Why neither DNS nor a CA is asked; null if they are. */
  readonly withoutNames: string | null;
  /** The public facts of a stack. @throws CliError */
  readonly facts: (stack: string) => Promise<PublicFacts>;
  readonly now: () => Date;
}

/** The checks of names and of CAs, which share what they have asked. */
export class NameTasks {
  readonly #authorities = new Map<string, CertificateAuthority>();

  constructor(
    private readonly scope: NameScope,
    private readonly lookups: NameLookups,
  ) {}

  ofStack(stack: string, declared: DeclaredStack): Task[] {
    const subject = { ...THIS_MACHINE, stack };
    const { certificates } = declared;
    const { withoutNames: reason } = this.scope;
    if (reason !== null) return [{ check: "dns", subject, look: async () => [skipped(reason)] }];
    const names = certificates.flatMap((certificate) => this.#namesOf(certificate, declared));
    return [
      ...this.#authoritiesOf(certificates).map((one) =>
        taskOf(acmeDirectory, one, { ...subject, name: one.url }),
      ),
      ...names.flatMap((one) =>
        NAME_CHECKS.map((check) => taskOf(check, one, { ...subject, name: one.name })),
      ),
      ...this.#ordersOf(stack, certificates).map((one) => taskOf(orders, one, subject)),
    ];
  }

  #namesOf(certificate: DeclaredCertificate, declared: DeclaredStack): OrderedName[] {
    const hostAddresses = () => this.#addressesOfHosts(declared);
    const common = {
      certificate,
      authority: this.#authorityOf(certificate),
      lookups: this.lookups,
      hostAddresses,
    };
    return [
      ...certificate.names.map((name) => ({ ...common, name, isOptional: false })),
      ...certificate.optionalNames.map((name) => ({ ...common, name, isOptional: true })),
    ];
  }

  #authorityOf({ directoryUrl: url, directoryCaPem: pem }: DeclaredCertificate): CertificateAuthority | null {
    if (url === null) return null;
    const key = JSON.stringify([url, pem]);
    return madeOnce(this.#authorities, key, () => new CertificateAuthority(url, pem));
  }

  #authoritiesOf(certificates: readonly DeclaredCertificate[]): readonly CertificateAuthority[] {
    const all = certificates.map((certificate) => this.#authorityOf(certificate));
    return [...new Set(all.filter((one) => one !== null))];
  }

  /** The orders from Let's Encrypt, as one task; empty if the stack orders nothing there. */
  #ordersOf(stack: string, all: readonly DeclaredCertificate[]): StackOrders[] {
    const certificates = all.filter((one) => this.#authorityOf(one)?.isLetsEncrypt === true);
    if (certificates.length === 0) return [];
    return [{ certificates, facts: () => this.scope.facts(stack), now: this.scope.now }];
  }

  /** The addresses of all hosts; empty if one of them is this machine, or has no address that is known here. */
  async #addressesOfHosts({ hosts }: DeclaredStack): Promise<readonly string[]> {
    const reached = [...hosts.values()].filter((host) => typeof host === "string" || !host.isGone);
    const found = await Promise.all(
      reached.map((host) =>
        typeof host === "string" ? [] : this.#addressesOf(host.connection.ssh?.address),
      ),
    );
    return found.some((addresses) => addresses.length === 0) ? [] : found.flat();
  }

  /** A host may have a name that only the ssh configuration of this machine knows. */
  async #addressesOf(address: string | undefined): Promise<readonly string[]> {
    if (address === undefined) return [];
    const { host } = parseSshDestination(address);
    if (isIP(host) !== 0) return [canonicalAddress(host)];
    return this.lookups.addresses(host, null).catch((error: unknown) => {
      if (error instanceof NameServerFailure) return [];
      throw error;
    });
  }
}
