import { setTimeout as delay } from "node:timers/promises";
import { TerraformOutput, TerraformResource, type TerraformStack } from "cdktf";
import {
  AcmeCertificate,
  HostNames,
  type ICertificate,
  type IIssuer,
  KeyAlgorithm,
  type MailHost,
  MailSni,
  PrivateCa,
  PrivateCertificate,
  type ServiceEndpoint,
  type SniTable,
} from "../../../lib";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { HandshakeError, type HandshakeFailure } from "../../../lib/shared/tls/handshake-error";
import type { Engine, EngineOptions } from "../../support/engine";
import type { EngineReport } from "../../support/engine-report";
import { StackProject } from "../../support/stack-project";

/** What a stack declares for one mail domain. */
export interface Declared {
  /** Without it, those that mail clients try. */
  readonly names?: HostNames;
  /** Which of the stack's two CAs issues its certificate, `ecdsa` if it does not say. */
  readonly issuer?: "ecdsa" | "rsa";
  /** A certificate that is obtained elsewhere. */
  readonly certificate?: (stack: TerraformStack) => ICertificate;
}

/** By mail domain; the first one is the default. */
export type Domains = Readonly<Record<string, Declared>>;

export interface ServedHostOptions {
  readonly engine: Engine;
  /** The host, with the server that is asked as its only service. */
  readonly host: (stack: TerraformStack) => MailHost;
  /** Who issues where nothing else is said. @default a private CA with ECDSA keys */
  readonly issuer?: (stack: TerraformStack) => IIssuer;
  /** Whether plans ask what is served. @default false */
  readonly servedChecks?: boolean;
}

const DEADLINE_MS = 10_000;
/**
 * How Dovecot turns a client away that connected just when a reload replaced its processes: it hangs up, says "Auth
 * process broken" or "BYE Shutting down", or nothing at all. Mail clients connect again at once, and so does this.
 */
const TURNED_AWAY: ReadonlySet<HandshakeFailure> = new Set(["closed", "protocol", "timeout"]);
const AT_ONCE = 8;
/** What stands for a client that sends no name. */
export const NO_NAME = "(no name)";

/** A mail host that a stack looks after, and whose real server is asked what it presents. */
export class ServedHost {
  static async create({ engine, ...options }: ServedHostOptions): Promise<ServedHost> {
    return new ServedHost(await StackProject.create(engine), options);
  }

  /** Whose certificate has which fingerprint; earlier ones too. */
  readonly #owners = new Map<string, string>();
  #sni: MailSni | undefined;
  /** Domains whose files are applied one after the other. @default in any order */
  order: readonly string[] = [];

  private constructor(
    readonly project: StackProject,
    private readonly options: Omit<ServedHostOptions, "engine">,
  ) {}

  /** Synthesizes the stack with exactly these domains. */
  declare(domains: Domains): void {
    this.#sni = this.project.synth((stack) => {
      const { host, issuer: makeIssuer, servedChecks } = this.options;
      const issuers = {
        ecdsa: makeIssuer?.(stack) ?? new PrivateCa(stack, "ecdsa"),
        rsa: new PrivateCa(stack, "rsa", { certificates: { keyAlgorithm: KeyAlgorithm.RSA_2048 } }),
      };
      const [defaultDomain] = Object.keys(domains);
      const sni = new MailSni(stack, "sni", { hosts: [host(stack)], defaultDomain, servedChecks });
      for (const [domain, { names, issuer = "ecdsa", certificate }] of Object.entries(domains)) {
        sni.addDomain(domain, {
          names: names ?? HostNames.core(),
          ...(certificate ? { certificate: certificate(stack) } : { issuer: issuers[issuer] }),
        });
      }
      for (const [index, domain] of this.order.entries()) {
        const before = this.order.slice(0, index).map(filesOf);
        resourceOf(stack, filesOf(domain)).addOverride("depends_on", before);
      }
      const issued = sni.domains.flatMap(({ name, certificate }) =>
        certificate instanceof PrivateCertificate || certificate instanceof AcmeCertificate
          ? [[name, certificate.fingerprintSha256]]
          : [],
      );
      new TerraformOutput(stack, "fingerprints", { value: Object.fromEntries(issued) });
      return sni;
    });
  }

  /** Declares exactly these domains and applies. Whether that worked is in the result. */
  async attempt(domains: Domains, options?: EngineOptions): Promise<EngineReport> {
    this.declare(domains);
    return this.apply(options);
  }

  /** @throws Error where not all of it worked */
  async deploy(domains: Domains, options?: EngineOptions): Promise<EngineReport> {
    const run = await this.attempt(domains, options);
    if (run.exitCode !== 0) throw new Error(`the apply failed:\n${run.errors.join("\n")}`);
    return run;
  }

  /** Applies what was declared last. */
  async apply(options?: EngineOptions): Promise<EngineReport> {
    const run = await this.project.apply(options);
    const { fingerprints = {} } = await this.project.outputs();
    for (const [fingerprint, owner] of this.#owners) {
      if (!owner.endsWith(EARLIER)) this.#owners.set(fingerprint, owner + EARLIER);
    }
    for (const [domain, fingerprint] of Object.entries(fingerprints as Record<string, string>)) {
      this.#owners.set(fingerprint, domain);
    }
    return run;
  }

  get table(): SniTable {
    return this.#declared.table();
  }

  /** Of the host's one service. */
  get endpoints(): ServiceEndpoint[] {
    return this.#host.services.flatMap(({ endpoints }) => endpoints);
  }

  /** Whose certificate the table has for each name that is declared; for a wildcard, for some name below. */
  predicted(): Record<string, string | undefined> {
    const rows = this.table.rows.map(({ name = NO_NAME, certificate }) => [
      name.replace("*", "any"),
      certificate,
    ]);
    return Object.fromEntries(rows);
  }

  /** Whose certificate the service's own rule of lookup finds for a name, declared or not. */
  lookedUp(name: string): string | undefined {
    const { services, served } = this.#host;
    return (services[0]?.lookup(name, served).certificate ?? served.defaultCertificate)?.name;
  }

  /**
   * Whose certificate a client is presented that sends each of the names: the mail domain, by the fingerprint. All
   * endpoints are asked; where they differ, the answer is what each of them said.
   */
  async presented(names: readonly string[]): Promise<Record<string, string>> {
    const waiting = [...names];
    const answers = new Map<string, string>();
    const ask = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        answers.set(name, inOneWord(await this.#ownersByPort(name)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return Object.fromEntries(names.map((name) => [name, answers.get(name) as string]));
  }

  /** Asks for a name all the time while something is done. @returns what was done, and all owners that were seen */
  async watch<T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly seen: ReadonlySet<string> }> {
    const seen = new Set<string>();
    let working = true;
    const watching = (async () => {
      while (working) {
        for (const owner of (await this.#ownersByPort(name)).values()) seen.add(owner);
        await delay(20);
      }
    })();
    try {
      return { result: await work(), seen };
    } finally {
      working = false;
      await watching;
    }
  }

  /** SHA-256 of the leaf that is presented at the first endpoint. */
  async fingerprint(name: string): Promise<string> {
    const [endpoint] = this.endpoints;
    if (!endpoint) throw new Error("the host's service has no endpoint");
    return (await this.#leaf(endpoint, name)).fingerprintSha256;
  }

  async #ownersByPort(name: string): Promise<Map<number, string>> {
    const owners = this.endpoints.map(
      async (endpoint) => [endpoint.port, await this.#owner(endpoint, name)] as const,
    );
    return new Map(await Promise.all(owners));
  }

  async #owner(endpoint: ServiceEndpoint, name: string, attempts = 5): Promise<string> {
    try {
      const { fingerprintSha256, subject } = await this.#leaf(endpoint, name);
      return this.#owners.get(fingerprintSha256) ?? subject;
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      if (attempts === 1 || !TURNED_AWAY.has(error.failure)) return `none: ${error.message}`;
      await delay(50);
      return this.#owner(endpoint, name, attempts - 1);
    }
  }

  async #leaf({ port, protocol, address = "127.0.0.1" }: ServiceEndpoint, name: string) {
    const { leaf } = await presentedCertificate({
      endpoint: { host: address, port },
      protocol,
      serverName: name === NO_NAME ? undefined : name,
      deadlineMs: DEADLINE_MS,
    });
    return leaf;
  }

  get #declared(): MailSni {
    if (!this.#sni) throw new Error("nothing is declared yet");
    return this.#sni;
  }

  get #host(): MailHost {
    const [host] = this.#declared.domains.flatMap(({ hosts }) => hosts);
    if (!host) throw new Error("no domain is declared yet");
    return host;
  }
}

const EARLIER = " (an earlier one)";

/** The address of a domain's files on the host. */
const filesOf = (domain: string) => `mailsni_host_files.d_${domain.replaceAll(".", "_")}__mx1`;

function resourceOf(stack: TerraformStack, address: string): TerraformResource {
  const found = stack.node
    .findAll()
    .find(
      (one): one is TerraformResource =>
        TerraformResource.isTerraformResource(one) &&
        `${one.terraformResourceType}.${one.friendlyUniqueId}` === address,
    );
  if (!found) throw new Error(`the stack has no ${address}`);
  return found;
}

function inOneWord(owners: ReadonlyMap<number, string>): string {
  const different = new Set(owners.values());
  if (different.size === 1) return [...different].join();
  return [...owners].map(([port, owner]) => `${owner} on port ${port}`).join("; ");
}
