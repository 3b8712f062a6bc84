import type { Construct } from "constructs";
import { StackIdentity } from "../bindings/stack-identity";
import { StackProvider } from "../plugin/stack-provider";
import type { IHostDelivery } from "./host-delivery";

/**
 * A host that is there no more. The provider still knows it, so that it can take what a state holds of it for deleted;
 * nothing is declared for it.
 */
export class GoneHost implements IHostDelivery {
  /** @param renderBlock the host's entry in the provider's block, in Terraform's spelling */
  constructor(host: Construct & { readonly name: string }, renderBlock: () => object) {
    StackProvider.of(host).addHost({ name: host.name, render: renderBlock });
    // Should it come back, it knows the stack's files by that.
    StackIdentity.of(host).require();
  }

  public deliver(): void {}
}
