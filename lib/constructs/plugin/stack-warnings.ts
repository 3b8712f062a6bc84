import { Annotations, App, type Manifest, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import type { MailSniError } from "../../shared/errors";

/** Adds a warning to a construct, once however often it is given: cdktf's command line shows it with the stack. */
export function addWarning(construct: IConstruct, { message }: MailSniError): void {
  const stack = TerraformStack.of(construct);
  const warnings = WARNINGS.get(stack) ?? new Map<string, Warning>();
  WARNINGS.set(stack, warnings);
  const key = `${construct.node.path}\n${message}`;
  if (warnings.has(key)) return;
  warnings.set(key, { path: construct.node.path, message, isPrinted: false });
  Annotations.of(construct).addWarning(message);
}

/**
 * Prints the warnings of a stack on standard error, each once, where its program is run without cdktf's command line: that
 * would show them, and nothing else does. Tests, and what they synthesize, stay quiet.
 *
 * @param manifest of what is being synthesized
 */
export function printWarnings(stack: TerraformStack, manifest: Manifest): void {
  if (isShownByCommandLine() || isTest(stack, manifest)) return;
  for (const warning of WARNINGS.get(stack)?.values() ?? []) {
    if (!warning.isPrinted) process.stderr.write(`Warning: [${warning.path}] ${warning.message}\n`);
    warning.isPrinted = true;
  }
}

interface Warning {
  readonly path: string;
  readonly message: string;
  isPrinted: boolean;
}

const WARNINGS = new WeakMap<TerraformStack, Map<string, Warning>>();

/** The variable by which the command lines of cdktf and cdktn keep annotations to themselves. */
function isShownByCommandLine(): boolean {
  return process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS !== undefined;
}

/** What `Testing` synthesizes has a manifest of its own, or a version that is none; test runners set `NODE_ENV`. */
function isTest(stack: TerraformStack, manifest: Manifest): boolean {
  return (
    process.env.NODE_ENV === "test" || manifest !== App.of(stack).manifest || manifest.version === "stubbed"
  );
}
