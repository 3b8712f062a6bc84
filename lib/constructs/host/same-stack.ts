import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { hostErrors } from "../../shared/errors";
import type { MailHost } from "./mail-host";

/** Checks that a host is in the stack of a construct. @throws MailSniError `HOST_IN_ANOTHER_STACK` */
export function checkSameStack(scope: Construct, host: MailHost): void {
  const [stack, other] = [TerraformStack.of(scope), TerraformStack.of(host)];
  if (stack !== other) throw hostErrors.inAnotherStack(host.name, stack.node.id, other.node.id);
}
