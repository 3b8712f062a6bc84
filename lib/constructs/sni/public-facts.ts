import { Lazy, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { sniErrors } from "../../shared/errors";
import { madeOnce } from "../../shared/made-once";
import { PUBLIC_FACTS_OUTPUT } from "../../shared/public-facts-output";
import { ownId } from "../bindings/own-id";
import { escapeTemplate } from "../bindings/template";
import type { ICertificate } from "../certificate/certificate";
import { DehydratedCertificate } from "../certificate/dehydrated-issuer";
import { attributeOf, IssuedCertificate } from "../certificate/issued-certificate";
import type { MailDomain } from "../domain/mail-domain";
import { HostResource } from "../host/host-resource";
import { addHostSettings } from "./host-settings";

/**
 * The output `mail_sni` of a stack: public facts about its certificates and hosts. The command `mail-sni` reads it with
 * `terraform output -json`, and so needs neither the state nor the keys in it.
 */
export class PublicFacts {
  public static of(scope: Construct): PublicFacts {
    const stack = TerraformStack.of(scope);
    return madeOnce(ofStacks, stack, () => new PublicFacts(stack));
  }

  private readonly declared: (() => readonly MailDomain[])[] = [];

  private constructor(private readonly stack: TerraformStack) {
    const output = new TerraformOutput(stack, ID, {
      value: Lazy.anyValue({ produce: () => this.value() }),
      description: "Public facts of the mail certificates, for the command mail-sni.",
    });
    output.overrideLogicalId(PUBLIC_FACTS_OUTPUT);
    stack.node.addValidation({ validate: () => this.conflicts() });
    addHostSettings(stack);
  }

  /** @param domains what is declared when the stack is synthesized */
  public add(domains: () => readonly MailDomain[]): void {
    this.declared.push(domains);
  }

  private value(): object {
    const domains = [...this.byName()].sort(([one], [other]) => (one < other ? -1 : 1));
    return {
      version: 1,
      certificates: Object.fromEntries(domains.map(([name, declared]) => [name, this.factsOfAll(declared)])),
      pending: this.pendingByHost(),
    };
  }

  /** The domains by name: two `MailSni` may have the same one, on different hosts. */
  private byName(): Map<string, MailDomain[]> {
    const domains = new Map<string, MailDomain[]>();
    for (const domain of this.declared.flatMap((domainsOf) => domainsOf()))
      madeOnce(domains, domain.name, () => []).push(domain);
    return domains;
  }

  /** The facts of a domain's certificate, and the hosts that issue one for it themselves. */
  private factsOfAll(domains: readonly MailDomain[]): object {
    const onHosts = domains.flatMap(({ certificate }) => (isKeptOnHost(certificate) ? [certificate] : []));
    const hosts = onHosts.map(({ host }) => escapeTemplate(host.name)).sort();
    const [other] = domains.filter(({ certificate }) => !isKeptOnHost(certificate));
    return {
      ...(onHosts[0] && { issuer: escapeTemplate(onHosts[0].issuedBy), hosts }),
      ...(other && this.factsOf(other.certificate)),
    };
  }

  /** Errors about domains with two certificates, of which the output could have one only. */
  private conflicts(): string[] {
    return [...this.byName().values()].flatMap((declared) => {
      const [first, ...others] = declared.filter(({ certificate }) => !isKeptOnHost(certificate));
      const known = first && this.factsOf(first.certificate).fingerprint_sha256;
      const other = others.find((one) => this.factsOf(one.certificate).fingerprint_sha256 !== known);
      if (first === undefined || other === undefined) return [];
      return [sniErrors.certificateTwice(first.name, first.node.path, other.node.path).message];
    });
  }

  /** Unknown facts are left out: those of a certificate that is obtained elsewhere, or issued in another stack. */
  private factsOf(certificate: ICertificate): CertificateFacts {
    if (certificate instanceof IssuedCertificate) {
      return TerraformStack.of(certificate) === this.stack ? issuedFacts(certificate, this.stack) : {};
    }
    const { fingerprintSha256 } = certificate;
    // An expression may be sensitive, and the engine refuses a sensitive value in an output that is not.
    const isLiteral = fingerprintSha256 !== undefined && /^[0-9a-f]{64}$/.test(fingerprintSha256);
    return isLiteral ? { fingerprint_sha256: fingerprintSha256 } : {};
  }

  /** The attribute `pending` of each resource on a host, as one list for each host: empty if nothing is pending. */
  private pendingByHost(): Record<string, string> {
    const byHost = new Map<string, string[]>();
    for (const resource of this.stack.node.findAll().filter(isHostResource)) {
      const { host } = resource.attributes;
      const pending = byHost.get(host) ?? [];
      pending.push(`${resource.terraformResourceType}.${resource.friendlyUniqueId}.pending`);
      byHost.set(host, pending);
    }
    const hosts = [...byHost].sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(
      hosts.map(([host, pending]) => [escapeTemplate(host), `\${compact([${pending.sort().join(", ")}])}`]),
    );
  }
}

const ofStacks = new WeakMap<TerraformStack, PublicFacts>();
const ID = ownId("public-facts");

function isHostResource(construct: unknown): construct is HostResource {
  return construct instanceof HostResource;
}

/** The facts of a certificate, in Terraform's spelling. */
interface CertificateFacts {
  readonly fingerprint_sha256?: string;
  readonly issuer?: string;
  readonly not_after?: string;
  readonly renew_at?: string;
}

function isKeptOnHost(certificate: ICertificate): certificate is DehydratedCertificate {
  return certificate instanceof DehydratedCertificate;
}

function issuedFacts(certificate: IssuedCertificate, stack: TerraformStack): CertificateFacts {
  return {
    fingerprint_sha256: attributeOf(certificate, "fingerprint_sha256", stack),
    issuer: certificate.issuedBy,
    not_after: attributeOf(certificate, "not_after", stack),
    renew_at: attributeOf(certificate, "renew_at", stack),
  };
}
