import { hashMapper, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { AcmeCertificate } from "./mailsni/acme-certificate";
import {
  HostFiles,
  type HostFilesConfig,
  hostFilesDirectoriesToTerraform,
  hostFilesFilesToTerraform,
  hostFilesPlaceholdersToTerraform,
} from "./mailsni/host-files";
import { PrivateCertificate } from "./mailsni/private-certificate";
import { holdsToken, resolvedOnce } from "./resolved-once";

/** Generated resources of which a stack has thousands, made to cost little of its synth time. */

/**
 * `mailsni_host_files` without the generated objects by which attributes of files could be referred to: nobody does,
 * and cdktf records a stack trace for each.
 */
export class HostFilesResource extends TerraformResource {
  /** Never changed. */
  private readonly attributes: object;
  private hasTokens?: boolean;

  /** @param config without meta-arguments */
  constructor(scope: Construct, id: string, config: HostFilesConfig) {
    super(scope, id, {
      terraformResourceType: HostFiles.tfResourceType,
      terraformGeneratorMetadata: { providerName: "mailsni" },
    });
    const { host, role, directories, files, secrets, links, placeholders, names } = config;
    this.attributes = {
      host,
      role,
      directories: hashMapper(hostFilesDirectoriesToTerraform)(directories),
      files: hashMapper(hostFilesFilesToTerraform)(files),
      secrets,
      links,
      placeholders: hashMapper(hostFilesPlaceholdersToTerraform)(placeholders),
      names,
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    const hasTokens = () => {
      this.hasTokens ??= holdsToken(this.attributes);
      return this.hasTokens;
    };
    return resolvedOnce(this, hasTokens, () => super.toTerraform());
  }

  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  protected override synthesizeAttributes(): { [name: string]: any } {
    return this.attributes;
  }
}

export class PrivateCertificateResource extends PrivateCertificate {
  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    const hasTokens = () => holdsToken(this.synthesizeAttributes());
    return resolvedOnce(this, hasTokens, () => super.toTerraform());
  }
}

export class AcmeCertificateResource extends AcmeCertificate {
  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    const hasTokens = () => holdsToken(this.synthesizeAttributes());
    return resolvedOnce(this, hasTokens, () => super.toTerraform());
  }
}
