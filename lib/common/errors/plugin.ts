import { MailSniError } from "./mail-sni-error";

export type PluginErrorCode = "HCL_OUTPUT" | "PROVIDER_DAMAGED" | "PROVIDER_NOT_BUILT";

/** What keeps the provider from being put beside a stack. */
export const pluginErrors = {
  hclOutput: () =>
    new MailSniError(
      "HCL_OUTPUT",
      "The stack is to be written as HCL, which cdktf cannot do for maps of files.",
      "Leave out hclOutput, --hcl and SYNTH_HCL_OUTPUT, so that it is written as JSON: engines take both.",
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
