import { HostFiles } from "./mailsni/host-files";
import { PrivateCa } from "./mailsni/private-ca";
import { PrivateCertificate } from "./mailsni/private-certificate";
import { resolvedOnce } from "./resolved-once";

/** The generated resources as the other constructs use them: thousands in a stack. */

export class HostFilesResource extends HostFiles {
  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    return resolvedOnce(super.toTerraform());
  }
}

export class PrivateCertificateResource extends PrivateCertificate {
  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    return resolvedOnce(super.toTerraform());
  }
}

export { PrivateCa as PrivateCaResource };
