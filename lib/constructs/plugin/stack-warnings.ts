import { Annotations, App, type Manifest, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import type { MailSniError } from "../../shared/errors";

/**
 * Adds a warning to a construct; the same warning only once. cdktf's command line shows it with the stack.
 */
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
 * Prints each warning of a stack once on standard error, if the program runs without cdktf's command line,
 * which would show them. Prints nothing in tests.
 *
 * @param manifest of the synthesis
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

/**
 * Whether the variable is set by which the command lines of cdktf and cdktn tell the program that they show
 * annotations.
 */
function isShownByCommandLine(): boolean {
  return process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS !== undefined;
}

/**
 * Whether this is a test: `Testing` synthesizes with a manifest of its own or an invalid version, and test
 * runners set `NODE_ENV`.
 */
function isTest(stack: TerraformStack, manifest: Manifest): boolean {
  return (
    process.env.NODE_ENV === "test" || manifest !== App.of(stack).manifest || manifest.version === "stubbed"
  );
}
