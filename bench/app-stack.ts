import { App, LocalBackend, TerraformStack } from "cdktf";
import type { MailSni } from "../lib";
import { printUsage } from "./usage-lines";

/**
 * The one stack of a bench's app, with its state beside it.
 *
 * @param providerDirectory where the provider is, for stacks of this library
 */
export function benchStack(outdir: string, providerDirectory?: string): TerraformStack {
  const context = { "mail-sni:provider-directory": providerDirectory, "mail-sni:table": outdir };
  const stack = new TerraformStack(new App({ outdir, context }), "bench");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  return stack;
}

/** So many, the first of which is `domain1.test`. */
export function addDomains(sni: MailSni, count: number): void {
  for (let number = 1; number <= count; number++) sni.addDomain(`domain${number}.test`);
}

/** Writes the stack, and says what processor time and memory that took, the start of the process included. */
export function synthesize(stack: TerraformStack): void {
  App.of(stack).synth();
  printUsage();
}
