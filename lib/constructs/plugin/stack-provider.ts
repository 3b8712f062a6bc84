import { App, Lazy, TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import type { Construct } from "constructs";
import { hidingFiles } from "../../shared/engine/cli-configuration";
import { OLDEST_ENGINE } from "../../shared/engine/oldest-engine";
import { PROVIDER_SOURCE } from "../../shared/engine/provider-place";
import { pluginErrors, sniErrors } from "../../shared/errors";
import type { HostBlock, JournalBlock, ProviderBlock } from "../../shared/provider-block/blocks";
import { duplicateAddresses } from "../bindings/addresses";
import { MailsniProvider } from "../bindings/mailsni/provider";
import { ownId } from "../bindings/own-id";
import { checkCdktfPackage } from "./cdktf-package";
import { installProvider } from "./installation";
import { type ProviderManifest, readManifest } from "./manifest";
import { closeStackDirectory, stackDirectory } from "./stack-directory";
import { addWarning, printWarnings } from "./stack-warnings";

/** A host's entry in `hosts` of the provider block, rendered at synth. */
export interface HostEntry {
  readonly name: string;
  render(): HostBlock;
}

/**
 * The provider block `mailsni` of a stack, created on first use. A stack has one for all hosts, because each
 * block starts a process. The synthesis installs the provider itself in the stack's directory.
 *
 * The context `mail-sni:provider-directory` overrides the directory of the bundle and its manifest.
 *
 * @default - `dist/provider` of this package
 */
export class StackProvider extends MailsniProvider {
  /** @throws MailSniError `CDKTF_PACKAGE` */
  public static of(scope: Construct): StackProvider {
    const stack = TerraformStack.of(scope);
    const known = StackProvider.find(stack);
    if (known !== undefined) return known;
    checkCdktfPackage(stack);
    return new StackProvider(stack);
  }

  /** @returns undefined if nothing in the stack has needed the provider so far */
  public static find(stack: TerraformStack): StackProvider | undefined {
    return stack.node.tryFindChild(ID) as StackProvider | undefined;
  }

  private readonly entries = new Map<string, HostEntry>();
  private journalPlace?: JournalBlock;

  private constructor(stack: TerraformStack) {
    // An IResolvable, because otherwise cdktf would change the case of the host names.
    super(stack, ID, { stack: stack.node.id, hosts: Lazy.anyValue({ produce: () => this.hostBlocks() }) });
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

  public addHost(host: HostEntry): void {
    this.entries.set(host.name, host);
  }

  /** @throws MailSniError `JOURNAL_TWICE` if the block has another one */
  public setJournal(journal: JournalBlock): void {
    const known = this.journalPlace ?? journal;
    if (JSON.stringify(known) !== JSON.stringify(journal))
      throw sniErrors.journalTwice(this.node.scope?.node.id ?? "");
    this.journalPlace = journal;
    const { directory, hosts } = journal;
    this.journal = { directory, hosts: hosts && [...hosts] };
  }

  /** The hosts of the block: what is declared so far. */
  public hostBlocks(): NonNullable<ProviderBlock["hosts"]> {
    return Object.fromEntries([...this.entries.values()].map((host) => [host.name, host.render()]));
  }

  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    // With `new App({ hclOutput: true })` cdktf writes JSON into a file that it calls HCL.
    if (App.of(this).hclOutput) throw pluginErrors.hclOutput();
    const fragment = super.toTerraform();
    fragment.terraform.required_providers.mailsni.version = this.manifest.version;
    // With this an older engine reports one error in `init`, rather than one for each resource.
    fragment.terraform.required_version = `>= ${OLDEST_ENGINE}`;
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
}

const ID = ownId("provider");
