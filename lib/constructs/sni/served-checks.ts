import { Lazy, TerraformElement, TerraformLocal, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { logicalId } from "../bindings/addresses";
import { DataMailsniServedCertificates } from "../bindings/mailsni/data-mailsni-served-certificates";
import { ownId } from "../bindings/own-id";
import { HostFilesResource } from "../host/host-files-resource";
import { HostJobResource } from "../host/host-job-resource";
import type { MailHost } from "../host/mail-host";

/**
 * The data sources and `check` blocks of a stack by which plans warn of a host that does not serve the installed certificates:
 * one of each for every host. The blocks have assertions only, because with a data source inside of a block no plan is ever
 * empty. An element, so that cdktf adds the blocks to those of the program (`stack.addOverride("check", …)`).
 */
export class ServedChecks extends TerraformElement {
  public static of(scope: Construct): ServedChecks {
    const stack = TerraformStack.of(scope);
    return (stack.node.tryFindChild(ID) as ServedChecks | undefined) ?? new ServedChecks(stack);
  }

  /** The address of each host's data source, by the id of its `check` block. */
  private readonly blocks = new Map<string, { readonly host: MailHost; readonly data: string }>();

  private constructor(private readonly stack: TerraformStack) {
    super(stack, ID);
  }

  /** Checks a host; one that is gone, or a staging tree, serves nothing. */
  public add(host: MailHost): void {
    const id = logicalId.served(host.name);
    if (this.blocks.has(id) || !host.node.children.some(isHostFiles)) return;
    const files = new TerraformLocal(
      this.stack,
      ownId(`host-of-${id}`),
      Lazy.stringValue({ produce: () => this.hostAfterFiles(host) }),
    );
    files.overrideLogicalId(id);
    const data = new DataMailsniServedCertificates(this.stack, ownId(id), {
      // The data source must not refer to the resources itself: it would wait for the apply whenever one of them changes.
      host: `\${local.${id}}`,
    });
    data.overrideLogicalId(id);
    this.blocks.set(id, { host, data: `data.${data.terraformResourceType}.${id}` });
  }

  public override toTerraform(): object {
    if (this.blocks.size === 0) return {};
    const blocks = [...this.blocks].map(([id, { host, data }]) => [id, checkBlock(host.name, data)]);
    return { check: Object.fromEntries(blocks) };
  }

  /**
   * The host's name, as an expression that makes the engine read all its files first. It does not take the name from them:
   * after a rename, a refresh alone leaves them with the old one.
   */
  private hostAfterFiles({ name }: MailHost): string {
    const resources = this.stack.node.findAll().filter((one) => isHostFiles(one) || isHostJob(one));
    const references = resources
      .filter(({ attributes }) => attributes.host === name)
      .map((one) => `${one.terraformResourceType}.${one.friendlyUniqueId}.host`);
    return `\${[for host in toset([${references.sort().join(", ")}]) : "${name}"][0]}`;
  }
}

const ID = ownId("served-checks");

function isHostFiles(construct: unknown): construct is HostFilesResource {
  return construct instanceof HostFilesResource;
}

/** Its results say what a host presents that issues certificates itself. */
function isHostJob(construct: unknown): construct is HostJobResource {
  return construct instanceof HostJobResource;
}

function checkBlock(host: string, data: string): object {
  const found = `Host ${host} does not serve what is installed there (mismatches: \${${data}.mismatch_count}).`;
  return {
    assert: [
      {
        condition: `\${${data}.mismatch_count == 0}`,
        error_message: `${found}\n\${join("\\n", ${data}.mismatches[*].message)}`,
      },
      {
        condition: `\${${data}.status != "unreachable"}`,
        error_message: `Host ${host} cannot be reached, so it was not checked what it serves. \${coalesce(${data}.reason, "-")}`,
      },
    ],
  };
}
