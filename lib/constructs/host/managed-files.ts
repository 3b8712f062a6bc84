import type { Construct } from "constructs";
import { dehydratedErrors } from "../../shared/errors";
import type { HostBlock } from "../../shared/provider-block/blocks";
import { DEFAULT_STATE_DIRECTORY } from "../../shared/provider-block/connection";
import { checkId, logicalId } from "../bindings/addresses";
import { StackIdentity } from "../bindings/stack-identity";
import { StackMoves } from "../bindings/stack-moves";
import { StackProvider } from "../plugin/stack-provider";
import type { HostContent } from "../service/host-content";
import type { HostPart, IHostDelivery, IssuingOnHost } from "./host-delivery";
import { hostFilesContent, unlessEmpty } from "./host-files";
import { HostFilesResource } from "./host-files-resource";
import { HostOrder } from "./host-order";
import { HostRenewal } from "./host-renewal";
import { partId } from "./part-id";
import type { Renewer } from "./renewer";
import { RetiredRenewersResource } from "./retired-renewers-resource";

/**
 * Declares one `mailsni_host_files` resource for each part of a host. The provider checks the files, swaps
 * them in, activates them, and detects drift.
 */
export class ManagedFiles implements IHostDelivery {
  private readonly stateId: string;
  private readonly order: HostOrder;
  private readonly renamedFrom: string;
  private readonly canary: boolean;
  private base?: HostFilesResource;
  /** The resources of the other parts. */
  private readonly parts: HostFilesResource[] = [];
  private renewal?: HostRenewal;

  /**
   * @param renderBlock renders the host's entry in the provider block
   * @throws MailSniError `ID_INVALID`
   */
  constructor(
    private readonly host: Construct & { readonly name: string },
    renderBlock: () => HostBlock,
    private readonly options: ManagedFilesOptions = {},
  ) {
    const { renamedFrom = host.name, canary = false } = options;
    this.renamedFrom = checkId("a mail host", renamedFrom);
    this.canary = canary;
    this.order = HostOrder.of(host);
    StackProvider.of(host).addHost({
      name: host.name,
      render: () => this.renewal?.blockWithService(renderBlock()) ?? renderBlock(),
    });
    this.stateId = StackIdentity.of(host).require();
  }

  public deliver(scope: Construct, part: HostPart, contents: ReadonlyMap<string, HostContent>): void {
    const id = partId(part, this.host.name);
    const { directories, files, secrets, links, placeholders } = hostFilesContent(contents);
    const resource = new HostFilesResource(scope, id, {
      host: this.host.name,
      role: part.kind === "domain" ? undefined : part.kind,
      state_id: this.stateId,
      directories: unlessEmpty(directories),
      files: unlessEmpty(files),
      secrets: unlessEmpty(secrets),
      links: unlessEmpty(links),
      placeholders: unlessEmpty(placeholders),
      names: coveredNames(part),
    });
    resource.overrideLogicalId(id);
    if (this.base !== undefined) resource.dependOn(this.base);
    if (part.kind === "base") {
      this.base = resource;
      this.retireBefore(resource, scope);
    } else {
      this.parts.push(resource);
      this.renewal?.files.dependOn(resource);
    }
    this.order.add(part, resource, this.canary);
    if (this.renamedFrom !== this.host.name) {
      StackMoves.of(resource).add(resource.terraformResourceType, partId(part, this.renamedFrom), id);
    }
  }

  /** What renews certificates so far is switched off before the host is prepared, and on again after its files are removed. */
  private retireBefore(base: HostFilesResource, scope: Construct): void {
    const { retire = [] } = this.options;
    if (retire.length === 0) return;
    const id = logicalId.retired(this.host.name);
    const resource = new RetiredRenewersResource(scope, id, this.host.name, retire);
    base.dependOn(resource);
    // Nothing is switched off where another state of the stack has the host.
    StackIdentity.of(resource).precede(resource);
    if (this.renamedFrom !== this.host.name)
      StackMoves.of(resource).add(resource.terraformResourceType, logicalId.retired(this.renamedFrom), id);
  }

  /**
   * The program's files wait for those of all other certificates. So a name that changes to another issuer has that issuer's
   * files before the program lets go of its own.
   *
   * @throws MailSniError `DEHYDRATED_…`
   */
  public issueOnHost(scope: Construct, issuing: IssuingOnHost): HostRenewal {
    const { root = "/", stateDirectory = DEFAULT_STATE_DIRECTORY } = this.options;
    if (this.renewal !== undefined) throw this.renewal.twice(scope);
    if (root !== "/") throw dehydratedErrors.root(this.host.name, root);
    const { host, stateId, renamedFrom, canary } = this;
    this.renewal = new HostRenewal(scope, { host, stateId, renamedFrom, canary, stateDirectory }, issuing);
    for (const part of [this.base, ...this.parts]) if (part !== undefined) this.renewal.files.dependOn(part);
    return this.renewal;
  }
}

export interface ManagedFilesOptions {
  /** The host's name at the last deploy. @default the name now */
  readonly renamedFrom?: string;
  /** Whether other hosts wait for this one. @default false */
  readonly canary?: boolean;
  /** The directory that all paths are below. @default "/" */
  readonly root?: string;
  /** What is switched off on the host. @default nothing */
  readonly retire?: readonly Renewer[];
  /** The directory of the ledger. @default "/var/lib/mail-sni" */
  readonly stateDirectory?: string;
}

/** The names that every PEM of the part has to cover. */
function coveredNames(part: HostPart): string[] | undefined {
  if (part.kind === "base") return undefined;
  const { names, optionalNames = [] } = part.certificate;
  const exact = names.filter((name) => !name.startsWith("*") && !optionalNames.includes(name));
  return exact.length > 0 ? exact : undefined;
}
