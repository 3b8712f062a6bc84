import { randomBytes } from "node:crypto";
import { madeOnce } from "../../shared/made-once";
import type { Transports } from "../../shared/transport/ssh/transports";
import type { NameLookups } from "../dns/name-lookups";
import { webroot, webrootOfHost } from "./checks/webroot/webroot-names";
import { WebrootProbe } from "./checks/webroot/webroot-probe";
import type { DeclaredCertificate } from "./declared/declared-certificates";
import type { DeclaredStack } from "./declared/declared-stack";
import { type Task, taskOf } from "./examination/examination";
import { THIS_MACHINE } from "./examination/subject";

/** The checks that write a file, and its removal. */
export class WebrootTasks {
  readonly #file = { token: `mail-sni-doctor-${randomHex()}`, text: randomHex() };
  readonly #probes = new Map<string, WebrootProbe>();

  constructor(
    private readonly transports: Transports,
    private readonly lookups: NameLookups,
  ) {}

  ofStack(stack: string, declared: DeclaredStack): Task[] {
    const subject = { ...THIS_MACHINE, stack };
    const names = declared.certificates.flatMap((certificate) => this.#namesOf(stack, certificate, declared));
    const probes = new Set(names.flatMap((name) => name.probes));
    return [
      ...[...probes].map((probe) => taskOf(webrootOfHost, probe, { ...subject, host: probe.host.name })),
      ...names.map((name) => taskOf(webroot, name, { ...subject, name: name.name })),
    ];
  }

  /** Removes all files. @returns for each that may still be there, the reason as a sentence */
  async close(): Promise<readonly string[]> {
    const all = [...this.#probes.values()];
    const left = await Promise.all(
      all.map(async (probe) => {
        const problem = await probe.remove();
        return problem === null
          ? []
          : [
              `The file ${this.#file.token} may still be on host ${probe.host.name}: ${problem}. It is harmless; delete it.`,
            ];
      }),
    );
    return left.flat();
  }

  #namesOf(stack: string, certificate: DeclaredCertificate, declared: DeclaredStack) {
    const { webroot: directory, dnsServers, names, optionalNames } = certificate;
    if (directory === null) return [];
    const probes = this.#probesOf(stack, directory, certificate.hosts, declared);
    const common = { webroot: directory, dnsServers, probes, lookups: this.lookups };
    return [...names, ...optionalNames]
      .filter((name) => !name.startsWith("*."))
      .map((name) => ({ ...common, name }));
  }

  #probesOf(
    stack: string,
    directory: string,
    hosts: readonly string[] | null,
    declared: DeclaredStack,
  ): WebrootProbe[] {
    return [...declared.hosts].flatMap(([name, host]) => {
      if (typeof host === "string" || host.isGone || hosts?.includes(name) === false) return [];
      const { connection } = host;
      const there = { name, connection, transport: this.transports.to(connection) };
      const make = () => new WebrootProbe(there, directory, this.#file);
      return [madeOnce(this.#probes, JSON.stringify([stack, name, directory]), make)];
    });
  }
}

function randomHex(): string {
  return randomBytes(16).toString("hex");
}
