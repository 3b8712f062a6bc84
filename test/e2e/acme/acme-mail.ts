import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { TerraformStack } from "cdktf";
import { type AcmeDirectoryProps, AcmeIssuer, Challenge } from "../../../lib";
import { Pebble, type PebbleOptions } from "../../support/pebble";
import { pebble as pebbleIsThere, type Requirement } from "../../support/requirements";
import { type EngineChoice, engineOfSuites } from "../served/engine-choice";
import { ServedHost } from "../served/served-host";
import { dovecotServer, type MailServer, type RunningMailServer } from "./mail-servers";

export interface AcmeCircumstances {
  readonly engine?: EngineChoice;
  /** @default Dovecot 2.3 */
  readonly server?: MailServer;
}

/** What of a certificate's state tests look at. */
interface CertificateState {
  readonly certificate_pem: string;
  readonly fingerprint_sha256: string;
  readonly dns_names: readonly string[];
  readonly renew_at: string;
}

interface ResourceState {
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly attributes: CertificateState }[];
}

export function needsOf({
  engine = engineOfSuites,
  server = dovecotServer(),
}: AcmeCircumstances = {}): readonly Requirement[] {
  return [...server.requirements, engine.requirement, pebbleIsThere];
}

/** A mail host whose certificates a Pebble issues, with tokens that a web server on port 80 shows. */
export class AcmeMail {
  static async start(
    { engine = engineOfSuites, server: kind = dovecotServer() }: AcmeCircumstances = {},
    options: PebbleOptions = {},
  ): Promise<AcmeMail> {
    const server = await kind.start();
    const pebble = await Pebble.start({ ...options, webBelow: server.root });
    const project = await ServedHost.create({
      engine: engine.get(),
      host: server.host,
      issuer: (stack) =>
        AcmeIssuer.directory(stack, "pebble", acme.directoryUrl, { ...acme.usual, ...acme.issuer(stack) }),
    });
    const acme: AcmeMail = new AcmeMail(server, pebble, project);
    return acme;
  }

  /** From the next declaration on. */
  directoryUrl: string;
  /** What is different in the issuer, from the next declaration on. */
  issuer: (stack: TerraformStack) => Partial<AcmeDirectoryProps> = () => ({});

  private constructor(
    private readonly server: RunningMailServer,
    readonly pebble: Pebble,
    readonly mail: ServedHost,
  ) {
    this.directoryUrl = pebble.directoryUrl;
  }

  /** Of the certificates in the state, by domain: outputs are not there after an apply that failed. */
  get certificates(): ReadonlyMap<string, CertificateState> {
    const { resources }: { resources: ResourceState[] } = JSON.parse(this.stateText);
    return new Map(
      resources
        .filter(({ type }) => type === "mailsni_acme_certificate")
        .flatMap(({ name, instances }) =>
          instances.map(({ attributes }) => [name.slice("c_".length).replaceAll("_", "."), attributes]),
        ),
    );
  }

  /** As it is on the disk. */
  get stateText(): string {
    return readFileSync(join(this.mail.project.directory, "terraform.tfstate"), "utf8");
  }

  pemOf(domain: string): string {
    return String(this.certificates.get(domain)?.certificate_pem);
  }

  leafOf(domain: string): X509Certificate {
    return new X509Certificate(this.pemOf(domain));
  }

  /** Whose certificate is presented for each name, by what is in the state now. */
  async presented(names: readonly string[]): Promise<Record<string, string>> {
    const owners = new Map(
      [...this.certificates].map(([domain, { fingerprint_sha256 }]) => [fingerprint_sha256, domain]),
    );
    const answers = names.map(async (name) => [
      name,
      owners.get(await this.mail.fingerprint(name)) ?? "nobody",
    ]);
    return Object.fromEntries(await Promise.all(answers));
  }

  /** What was deployed: every name with the certificate that the table has for it. @throws Error for whoever is not */
  async expectAllServed(): Promise<void> {
    const predicted = this.mail.predicted();
    const presented = await this.mail.presented(Object.keys(predicted));
    const wrong = Object.entries(presented).filter(([name, owner]) => owner !== predicted[name]);
    if (wrong.length > 0) throw new Error(`not served as predicted: ${JSON.stringify(wrong)}`);
  }

  /** What the CA was asked for besides what each plan asks: its directory, renewal times, whether the account is open. */
  get asked(): readonly string[] {
    const byPlans = ["GET /dir", "HEAD /nonce-plz", "POST /my-account/"];
    return [...this.pebble.requests.keys()].filter(
      (what) => !what.includes("renewalInfo") && !byPlans.includes(what),
    );
  }

  /** Has the CA want a domain's certificate renewed by now. */
  suggestRenewal(domain: string): Promise<void> {
    const [day, now] = [86_400_000, Date.now()];
    return this.pebble.suggestRenewal(this.pemOf(domain), new Date(now - day), new Date(now - day / 2));
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.pebble.stop();
    this.mail.project.remove();
  }

  private get usual(): AcmeDirectoryProps {
    const { web, dnsServer, directoryCaPem } = this.pebble;
    const webroot = `/${relative(this.server.root, web.directory)}`;
    return {
      challenge: Challenge.httpWebroot(webroot, { dnsServers: [dnsServer] }),
      caCertificate: directoryCaPem,
    };
  }
}
