import { TerraformStack } from "cdktf";
import { ruleErrors } from "../../../shared/errors";
import { stateBackend } from "../../plugin/state-backend";
import { secretsIn } from "./backend-secrets";
import type { Occurrence, SniRule } from "./rule";

interface Detail {
  readonly stack: string;
  readonly backend: string;
  readonly argument: string;
  /** What to use instead, as the end of a sentence. */
  readonly instead: string;
}

/**
 * SNI015: the block of a backend has a password. Whatever is in the block is in `cdk.tf.json`, in saved plans, and in
 * `.terraform/terraform.tfstate`, which every user may read.
 */
export const backendPassword: SniRule<Detail> = {
  code: "SNI015",
  find([first]) {
    if (first === undefined) return [];
    const stack = TerraformStack.of(first.host);
    const backend = stateBackend(stack);
    if (backend === undefined) return [];
    return secretsIn(backend).map(
      ({ argument, instead }): Occurrence<Detail> => ({
        about: [stack],
        kind: `${stack.node.id} ${argument}`,
        detail: { stack: stack.node.id, backend: backend.type, argument, instead },
      }),
    );
  },
  describe(details) {
    const [{ stack, backend, argument, instead }] = details as [Detail];
    return ruleErrors.backendPassword(stack, backend, argument, instead);
  },
  summarize: ({ stack, argument }) => `${argument} in the backend of the stack ${stack}`,
};
