import { TerraformResource, type TerraformStack, TerraformVariable } from "cdktf";
import { Certificate, HostNames } from "../../../lib";
import type { IssuedCertificate } from "../../support/certificates";
import type { Declared } from "./served-host";

/** `pem.test` with a certificate that an apply is the first to know, and with its own key or another's. */
export function pemKnownAfterApply(certificate: IssuedCertificate, key: IssuedCertificate): Declared {
  return {
    names: HostNames.of("pem.test"),
    certificate: (stack) =>
      Certificate.fromPem({
        certificate: knownAfterApply(stack, "leaf", certificate.pem),
        privateKey: knownAfterApply(stack, "key", key.keyPem),
      }),
  };
}

/** An expression that an apply is the first to know the value of. */
function knownAfterApply(stack: TerraformStack, id: string, value: string): string {
  const resource = new TerraformResource(stack, id, { terraformResourceType: "terraform_data" });
  resource.addOverride("input", value);
  return resource.getStringAttribute("output");
}

/** An expression whose value comes from outside, by `TF_VAR_…`, and is not to be shown. */
export function sensitiveVariable(stack: TerraformStack, name: string): string {
  return new TerraformVariable(stack, name, { type: "string", sensitive: true }).stringValue;
}
