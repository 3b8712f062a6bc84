import { App, Lazy, TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import type { Construct } from "constructs";
import { pluginErrors } from "../../shared/errors";
import { duplicateAddresses } from "../bindings/addresses";
import { MailsniProvider } from "../bindings/mailsni/provider";
import { checkCdktfPackage } from "./cdktf-package";
import { hidingFiles } from "./cli-configuration";
import { installProvider, PROVIDER_SOURCE } from "./installation";
import { type ProviderManifest, readManifest } from "./manifest";
import { closeStackDirectory, stackDirectory } from "./stack-directory";
import { addWarning, printWarnings } from "./stack-warnings";

/** A host as the provider's block has it: an entry of `hosts` in Terraform's own spelling, rendered at synth. */
export interface HostBlock {
  readonly name: string;
  render(): object;
}

/**
 * The one block of the provider `mailsni` in a stack, made as soon as something needs it. One for all hosts, since each
 * block is a process of its own. Puts the provider itself beside the stack when it is synthesized.
 *
 * Context `mail-sni:provider-directory` says where the bundle and its manifest are, if not in this package.
 */
export class StackProvider extends MailsniProvider {
  /** @throws MailSniError `CDKTF_PACKAGE` */
  public static of(scope: Construct): StackProvider {
    const stack = TerraformStack.of(scope);
    const known = stack.node.tryFindChild(ID) as StackProvider | undefined;
    if (known !== undefined) return known;
    checkCdktfPackage(stack);
    return new StackProvider(stack);
  }

  private readonly hostBlocks = new Map<string, HostBlock>();

  private constructor(stack: TerraformStack) {
    // An IResolvable, because cdktf would change the case of the host names otherwise.
    super(stack, ID, { stack: stack.node.id, hosts: Lazy.anyValue({ produce: () => this.renderHosts() }) });
    stack.node.addValidation({ validate: () => duplicateAddresses(stack) });
    addCustomSynthesis(this, {
      onSynthesize: (session) => {
        const directory = stackDirectory(stack, session);
        closeStackDirectory(directory);
        installProvider(directory, this.manifest);
        this.warnIfHidden(directory);
        printWarnings(stack, session.manifest);
      },
    });
  }

  public addHost(host: HostBlock): void {
    this.hostBlocks.set(host.name, host);
  }

  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    // Of `new App({ hclOutput: true })` alone cdktf makes a file that is called HCL and holds JSON.
    if (App.of(this).hclOutput) throw pluginErrors.hclOutput();
    const fragment = super.toTerraform();
    fragment.terraform.required_providers.mailsni.version = this.manifest.version;
    // An older engine says so once, in `init`, rather than once a resource.
    fragment.terraform.required_version = OLDEST_ENGINE;
    return fragment;
  }

  /** @throws MailSniError `HCL_OUTPUT`, always */
  public override toHclTerraform(): never {
    throw pluginErrors.hclOutput();
  }

  private warnIfHidden(directory: string): void {
    for (const { path, engines } of hidingFiles(PROVIDER_SOURCE, directory)) {
      addWarning(this, pluginErrors.hidden(path, engines));
    }
  }

  private get manifest(): ProviderManifest {
    return readManifest(this.node.tryGetContext("mail-sni:provider-directory"));
  }

  private renderHosts(): object {
    return Object.fromEntries([...this.hostBlocks.values()].map((host) => [host.name, host.render()]));
  }
}

const ID = "mail-sni";

/** Of Terraform and of OpenTofu alike: the first versions with write-only attributes. */
const OLDEST_ENGINE = ">= 1.11.0";
