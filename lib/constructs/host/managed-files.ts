import type { Construct } from "constructs";
import type { HostBlock } from "../../shared/provider-block/blocks";
import { checkId, logicalId } from "../bindings/addresses";
import { StackIdentity } from "../bindings/stack-identity";
import { StackMoves } from "../bindings/stack-moves";
import { StackProvider } from "../plugin/stack-provider";
import type { HostContent } from "../service/host-content";
import type { HostPart, IHostDelivery } from "./host-delivery";
import { hostFilesContent } from "./host-files";
import { HostFilesResource } from "./host-files-resource";
import { HostOrder } from "./host-order";

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

  /**
   * @param renderBlock renders the host's entry in the provider block
   * @throws MailSniError `ID_INVALID`
   */
  constructor(
    private readonly host: Construct & { readonly name: string },
    renderBlock: () => HostBlock,
    { renamedFrom = host.name, canary = false }: ManagedFilesOptions = {},
  ) {
    this.renamedFrom = checkId("a mail host", renamedFrom);
    this.canary = canary;
    this.order = HostOrder.of(host);
    StackProvider.of(host).addHost({ name: host.name, render: renderBlock });
    this.stateId = StackIdentity.of(host).require();
  }

  public deliver(scope: Construct, part: HostPart, contents: ReadonlyMap<string, HostContent>): void {
    const id = idOf(part, this.host.name);
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
    if (part.kind === "base") this.base = resource;
    this.order.add(part, resource, this.canary);
    if (this.renamedFrom !== this.host.name) {
      StackMoves.of(resource).add(resource.terraformResourceType, idOf(part, this.renamedFrom), id);
    }
  }
}

export interface ManagedFilesOptions {
  /** The host's name at the last deploy. @default the name now */
  readonly renamedFrom?: string;
  /** Whether other hosts wait for this one. @default false */
  readonly canary?: boolean;
}

/** Leaves an empty map out: the state would contain it. */
function unlessEmpty<T>(byPath: Record<string, T>): Record<string, T> | undefined {
  return Object.keys(byPath).length > 0 ? byPath : undefined;
}

function idOf(part: HostPart, host: string): string {
  return part.kind === "domain" ? logicalId.domain(part.certificate.name, host) : logicalId[part.kind](host);
}

/** The names that every PEM of the part has to cover. */
function coveredNames(part: HostPart): string[] | undefined {
  if (part.kind === "base") return undefined;
  const { names, optionalNames = [] } = part.certificate;
  const exact = names.filter((name) => !name.startsWith("*") && !optionalNames.includes(name));
  return exact.length > 0 ? exact : undefined;
}
