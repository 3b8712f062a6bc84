import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { pluginErrors } from "../../shared/errors";

/** A class as jsii has compiled it: which package it is of. */
interface JsiiClass {
  readonly fqn: string;
  readonly version: string;
}

/**
 * Two packages of the same family mark their stacks alike, so that a construct of the one finds the stack of the other,
 * and the synthesis fails later, in the depths of it.
 *
 * @throws MailSniError `CDKTF_PACKAGE` where `stack` is not one of the package that the constructs are made with
 */
export function checkCdktfPackage(stack: Construct): void {
  if (stack instanceof TerraformStack) return;
  const [theirs, ours] = [packageOf(stack.constructor), packageOf(TerraformStack)];
  // A second copy of the same version has its tokens in common with the first.
  if (theirs === undefined || theirs === ours) return;
  throw pluginErrors.cdktfPackage(stack.node.id, theirs, ours ?? "cdktf");
}

/** `cdktn 0.24.0`; undefined where nothing says so. */
function packageOf(stackClass: unknown): string | undefined {
  for (let each = stackClass; typeof each === "function"; each = Object.getPrototypeOf(each)) {
    const own = Object.getOwnPropertyDescriptor(each, JSII)?.value as JsiiClass | undefined;
    const [, name] = /^(.*)\.TerraformStack$/.exec(own?.fqn ?? "") ?? [];
    if (name !== undefined) return `${name} ${own?.version}`;
  }
  return undefined;
}

const JSII = Symbol.for("jsii.rtti");
