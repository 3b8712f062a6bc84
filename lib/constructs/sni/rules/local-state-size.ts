import { basename } from "node:path";
import { TerraformResource, TerraformStack } from "cdktf";
import { ruleErrors } from "../../../shared/errors";
import { stateBackend } from "../../plugin/state-backend";
import type { SniRule } from "./rule";

interface Detail {
  readonly stack: string;
  readonly resources: number;
}

/** More take Terraform longer than a remote backend would: docs/recipes/backends.md has the figures. */
const MOST_RESOURCES = 300;

/** SNI016: a stack has so many resources that Terraform's local backend slows its deploys down. */
export const localStateSize: SniRule<Detail> = {
  code: "SNI016",
  find([first]) {
    if (first === undefined) return [];
    const stack = TerraformStack.of(first.host);
    const resources = stack.node.findAll().filter((one) => TerraformResource.isTerraformResource(one)).length;
    if (stateBackend(stack)?.type !== "local" || resources <= MOST_RESOURCES) return [];
    const { id } = stack.node;
    return [{ about: [stack], kind: id, detail: { stack: id, resources }, isHere: !isOpenTofu() }];
  },
  describe(details) {
    const [{ stack, resources }] = details as [Detail];
    return ruleErrors.localStateSize(stack, resources);
  },
  summarize: ({ stack }) => `the size of the local state of the stack ${stack}`,
};

/** Whether cdktf would run OpenTofu, which saves a local state every 20 seconds, as it does with any backend. */
function isOpenTofu(): boolean {
  return basename(process.env.TERRAFORM_BINARY_NAME ?? "").startsWith("tofu");
}
