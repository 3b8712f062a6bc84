import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { pluginErrors } from "../../shared/errors";

/** A class that jsii has compiled, with the package that it belongs to. */
interface JsiiClass {
  readonly fqn: string;
  readonly version: string;
}

/**
 * Checks that the stack and the constructs use the same cdktf package. cdktf and cdktn mark their stacks
 * alike: a construct of one package accepts a stack of the other, and the synthesis fails later with an
 * unrelated error.
 *
 * @throws MailSniError `CDKTF_PACKAGE` if `stack` belongs to another package than the constructs
 */
export function checkCdktfPackage(stack: Construct): void {
  if (stack instanceof TerraformStack) return;
  const [theirs, ours] = [packageOf(stack.constructor), packageOf(TerraformStack)];
  // A second copy of the same version shares its tokens with the first.
  if (theirs === undefined || theirs === ours) return;
  throw pluginErrors.cdktfPackage(stack.node.id, theirs, ours ?? "cdktf");
}

/** The package and version of a class, such as `cdktn 0.24.0`; undefined if the class does not name them. */
function packageOf(stackClass: unknown): string | undefined {
  for (let each = stackClass; typeof each === "function"; each = Object.getPrototypeOf(each)) {
    const own = Object.getOwnPropertyDescriptor(each, JSII)?.value as JsiiClass | undefined;
    const [, name] = /^(.*)\.TerraformStack$/.exec(own?.fqn ?? "") ?? [];
    if (name !== undefined) return `${name} ${own?.version}`;
  }
  return undefined;
}

const JSII = Symbol.for("jsii.rtti");
