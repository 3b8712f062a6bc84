import { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { AcmeCertificate } from "./mailsni/acme-certificate";
import {
  HostFiles,
  type HostFilesConfig,
  type HostFilesDirectories,
  type HostFilesFiles,
  type HostFilesPlaceholders,
  hostFilesDirectoriesToTerraform,
  hostFilesFilesToTerraform,
  hostFilesPlaceholdersToTerraform,
} from "./mailsni/host-files";
import { PrivateCertificate } from "./mailsni/private-certificate";
import { holdsToken, resolvedOnce } from "./resolved-once";

/** Generated resources of which a stack has thousands, made to cost little of its synth time. */

/** What is on a host, by path. */
export interface HostFilesContent {
  readonly directories: Readonly<Record<string, HostFilesDirectories>>;
  readonly files: Readonly<Record<string, HostFilesFiles>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
  readonly placeholders: Readonly<Record<string, HostFilesPlaceholders>>;
}

/**
 * `mailsni_host_files` without the generated objects by which attributes of files could be referred to: nobody does,
 * and cdktf records a stack trace for each.
 */
export class HostFilesResource extends TerraformResource {
  private hasTokens?: boolean;

  /** @param config never changed */
  constructor(
    scope: Construct,
    id: string,
    private readonly config: HostFilesContent & Pick<HostFilesConfig, "host" | "role" | "names" | "stateId">,
  ) {
    super(scope, id, {
      terraformResourceType: HostFiles.tfResourceType,
      terraformGeneratorMetadata: { providerName: "mailsni" },
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  public override toTerraform(): any {
    const hasTokens = () => {
      this.hasTokens ??= holdsToken(this.config);
      return this.hasTokens;
    };
    return resolvedOnce(this, hasTokens, () => super.toTerraform());
  }

  /** Each time anew: what overrides change, cdktf changes in place. */
  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own signature
  protected override synthesizeAttributes(): { [name: string]: any } {
    const { host, role, stateId, directories, files, secrets, links, placeholders, names } = this.config;
    return {
      host,
      role,
      state_id: stateId,
      directories: rendered(directories, hostFilesDirectoriesToTerraform),
      files: rendered(files, hostFilesFilesToTerraform),
      secrets: rendered(secrets),
      links: rendered(links),
      placeholders: rendered(placeholders, hostFilesPlaceholdersToTerraform),
      names,
    };
  }
}

/**
 * An empty map by path. It has no prototype: no path is there before it is put there, cdktf does not look for dynamic
 * blocks in it, and V8 makes no class of objects for each set of paths: some percent of the synth time of a large stack.
 */
export function mapByPath<T>(): Record<string, T> {
  return Object.create(null);
}

function rendered<T>(
  map: Readonly<Record<string, T>>,
  render: (value: T) => unknown = (value) => value,
): object | undefined {
  const entries = Object.entries(map);
  // An empty one would be a part of the state for ever.
  if (entries.length === 0) return undefined;
  const result = mapByPath<unknown>();
  for (const [path, value] of entries) result[path] = render(value);
  return result;
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
