import type { Construct } from "constructs";
import type { RetiredRenewersConfig } from "../bindings/mailsni/retired-renewers";
import type { TerraformAttributes } from "../bindings/terraform-attributes";
import { HostResource } from "./host-resource";
import type { Renewer } from "./renewer";

/** The Terraform resource `mailsni_retired_renewers`: clients of CAs that are switched off on a host. */
export class RetiredRenewersResource extends HostResource<TerraformAttributes<RetiredRenewersConfig>> {
  constructor(scope: Construct, id: string, host: string, renewers: readonly Renewer[]) {
    super(scope, id, "mailsni_retired_renewers", {
      host,
      programs: sorted(renewers.map(({ program }) => program)),
      hooks: sorted(renewers.map(({ path }) => path)),
    });
  }
}

/** Each once, in an order that does not depend on that of the declaration; undefined if there is none. */
function sorted(values: readonly (string | undefined)[]): string[] | undefined {
  const given = [...new Set(values)].filter((value) => value !== undefined).sort();
  return given.length > 0 ? given : undefined;
}
