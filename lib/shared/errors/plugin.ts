import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors about installing the provider beside a stack, and about finding it there. */
export const pluginErrors = {
  /** @param theirs the stack's package, such as `cdktn 0.24.0` */
  cdktfPackage: (stack: string, theirs: string, ours: string) =>
    new MailSniError(
      "CDKTF_PACKAGE",
      `The stack ${quote(stack)} is made with ${theirs}, and cdktf-mail-sni with ${ours}, which npm has installed beside it: one synthesis cannot mix them.`,
      theirs.startsWith("cdktn ")
        ? `Install cdktn under the name cdktf (npm uninstall cdktn && npm install cdktf@npm:${theirs.replace(" ", "@")}), and use "cdktf" in every import: see docs/recipes/cdktn.md.`
        : "Have one version of cdktf in the project: `npm ls cdktf` shows which package depends on which version.",
    ),
  hclOutput: () =>
    new MailSniError(
      "HCL_OUTPUT",
      "The stack is to be written as HCL, which cdktf cannot do for maps of files.",
      "Leave out hclOutput, --hcl and SYNTH_HCL_OUTPUT, so that it is written as JSON: engines take both.",
    ),
  hidden: (file: string, engines: readonly string[]) =>
    new MailSniError(
      "PROVIDER_HIDDEN",
      `${file} has a provider_installation block, so ${engines.join(" and ")} will not look for the provider in the stack's terraform.d/plugins: init will ask mail-sni.invalid for it, and fail.`,
      `Add this to the block:

  filesystem_mirror {
    path    = "terraform.d/plugins"
    include = ["mail-sni.invalid/*/*"]
  }

and this to each other method in it, such as direct:

    exclude = ["mail-sni.invalid/*/*"]

A file that names mail-sni.invalid in the block is not warned of.`,
    ),
  hostProgramNotBuilt: (path: string) =>
    new MailSniError(
      "HOST_PROGRAM_NOT_BUILT",
      `The renewal program for mail hosts is missing: ${path} does not exist.`,
      "Run `npm run build` in a checkout of cdktf-mail-sni; of an installed package, install it again.",
    ),
  notBuilt: (directory: string) =>
    new MailSniError(
      "PROVIDER_NOT_BUILT",
      `The Terraform provider is missing: there is no ${directory}/manifest.json.`,
      "Run `npm run build` in a checkout of cdktf-mail-sni; of an installed package, install it again.",
    ),
  damaged: (file: string, problem: string) =>
    new MailSniError(
      "PROVIDER_DAMAGED",
      `The Terraform provider in ${file} ${problem}.`,
      "Run `npm run build` in a checkout of cdktf-mail-sni; of an installed package, install it again.",
    ),
};
