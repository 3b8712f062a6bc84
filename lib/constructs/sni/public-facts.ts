import { Lazy, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { PUBLIC_FACTS_OUTPUT } from "../../shared/public-facts-output";
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
    const known = ofStacks.get(stack) ?? new PublicFacts(stack);
    ofStacks.set(stack, known);
    return known;
  }

  private readonly declared: (() => readonly MailDomain[])[] = [];

  private constructor(private readonly stack: TerraformStack) {
    const output = new TerraformOutput(stack, ID, {
      value: Lazy.anyValue({ produce: () => this.value() }),
      description: "Public facts of the mail certificates, for the command mail-sni.",
    });
    output.overrideLogicalId(PUBLIC_FACTS_OUTPUT);
    addHostSettings(stack);
  }

  /** @param domains what is declared when the stack is synthesized */
  public add(domains: () => readonly MailDomain[]): void {
    this.declared.push(domains);
  }

  private value(): object {
    const domains = this.declared.flatMap((domainsOf) => domainsOf()).sort(byName);
    return {
      version: 1,
      certificates: Object.fromEntries(
        domains.map(({ name, certificate }) => [name, this.factsOf(certificate)]),
      ),
      pending: this.pendingByHost(),
    };
  }

  /** Unknown facts are left out: those of a certificate that is obtained elsewhere, or issued in another stack. */
  private factsOf(certificate: ICertificate): object {
    if (certificate instanceof IssuedCertificate) {
      return TerraformStack.of(certificate) === this.stack ? issuedFacts(certificate, this.stack) : {};
    }
    if (certificate instanceof DehydratedCertificate) {
      const { host, issuedBy } = certificate;
      return { host: escapeTemplate(host.name), issuer: escapeTemplate(issuedBy) };
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
const ID = "mail-sni-public-facts";

function isHostResource(construct: unknown): construct is HostResource {
  return construct instanceof HostResource;
}

function issuedFacts(certificate: IssuedCertificate, stack: TerraformStack): object {
  return {
    fingerprint_sha256: attributeOf(certificate, "fingerprint_sha256", stack),
    issuer: certificate.issuedBy,
    not_after: attributeOf(certificate, "not_after", stack),
    renew_at: attributeOf(certificate, "renew_at", stack),
  };
}

function byName({ name }: MailDomain, other: MailDomain): number {
  return name < other.name ? -1 : 1;
}
