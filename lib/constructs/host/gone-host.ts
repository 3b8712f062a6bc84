import type { Construct } from "constructs";
import type { HostBlock } from "../../shared/provider-block/blocks";
import { StackIdentity } from "../bindings/stack-identity";
import { StackProvider } from "../plugin/stack-provider";
import type { IHostDelivery } from "./host-delivery";

/**
 * A host that no longer exists. The provider block still contains it, so that the provider can treat its
 * resources in the state as deleted. No resource is declared for it.
 */
export class GoneHost implements IHostDelivery {
  /** @param renderBlock renders the host's entry in the provider block */
  constructor(host: Construct & { readonly name: string }, renderBlock: () => HostBlock) {
    StackProvider.of(host).addHost({ name: host.name, render: renderBlock });
    // If the host comes back, it recognises the stack's files by this identity.
    StackIdentity.of(host).require();
  }

  public deliver(): void {}

  public issueOnHost(): IHostDelivery {
    return this;
  }
}
