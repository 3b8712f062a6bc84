import { TerraformDataSource } from "cdktf";
import type { Construct } from "constructs";
import type { DataMailsniRenewersConfig } from "../bindings/mailsni/data-mailsni-renewers";
import type { RetiredRenewersConfig } from "../bindings/mailsni/retired-renewers";
import type { TerraformAttributes } from "../bindings/terraform-attributes";
import { HostResource } from "./host-resource";
import type { Renewer } from "./renewer";

/**
 * The Terraform resource `mailsni_retired_renewers`: clients of CAs that are switched off on a host. Beside it is the data source
 * `mailsni_renewers` of the same name, by which a plan names what its apply switches off.
 */
export class RetiredRenewersResource extends HostResource<TerraformAttributes<RetiredRenewersConfig>> {
  constructor(scope: Construct, id: string, host: string, renewers: readonly Renewer[]) {
    const retired = {
      host,
      programs: sorted(renewers.map(({ program }) => program)),
      hooks: sorted(renewers.map(({ path }) => path)),
    };
    new FoundRenewers(scope, `${id}-found`, retired).overrideLogicalId(id);
    super(scope, id, "mailsni_retired_renewers", {
      ...retired,
      planned_places: `\${data.mailsni_renewers.${id}.places}` as unknown as string[],
    });
    this.overrideLogicalId(id);
  }
}

/** The Terraform data source `mailsni_renewers`. */
class FoundRenewers extends TerraformDataSource {
  constructor(
    scope: Construct,
    id: string,
    private readonly attributes: TerraformAttributes<DataMailsniRenewersConfig>,
  ) {
    const terraformGeneratorMetadata = { providerName: "mailsni" };
    super(scope, id, { terraformResourceType: "mailsni_renewers", terraformGeneratorMetadata });
  }

  protected override synthesizeAttributes(): TerraformAttributes<DataMailsniRenewersConfig> {
    return this.attributes;
  }
}

/** Each once, in an order that does not depend on that of the declaration; undefined if there is none. */
function sorted(values: readonly (string | undefined)[]): string[] | undefined {
  const given = [...new Set(values)].filter((value) => value !== undefined).sort();
  return given.length > 0 ? given : undefined;
}
