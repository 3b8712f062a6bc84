import { posix, resolve } from "node:path";
import { TerraformProvider, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { isEncryptedKey } from "../../shared/encrypted-key";
import { dehydratedErrors, hostErrors } from "../../shared/errors";
import { logicalId } from "../bindings/addresses";
import { ownId } from "../bindings/own-id";
import { escapeTemplate } from "../bindings/template";
import type { HostContent } from "../service/host-content";
import { directoryFault, directoryFromStack } from "./directory-path";
import type { HostPart, IHostDelivery } from "./host-delivery";
import { type HostFilesContent, hostFilesContent, PathClaims } from "./host-files";

/**
 * Declares one resource of `hashicorp/local` for each file of a staging tree. It omits what that provider
 * cannot do: owners, empty directories, links (they become copies), and placeholders (the default
 * certificate, which every host has, takes their place).
 */
export class StagedFiles implements IHostDelivery {
  private readonly resources: ProviderLocal;
  private readonly directory: () => string;
  private readonly claims = new PathClaims();

  constructor(
    private readonly host: Construct & { readonly name: string },
    private readonly path: string,
  ) {
    this.resources = loadProviderLocal();
    this.directory = directoryFromStack(host, path);
    provideLocal(TerraformStack.of(host), this.resources);
  }

  public deliver(scope: Construct, _part: HostPart, contents: ReadonlyMap<string, HostContent>): void {
    const staged = new Map([...contents].map(([service, { files, links }]) => [service, { files, links }]));
    const { files, links, secrets } = hostFilesContent(staged, this.claims);
    for (const path of Object.keys(files)) this.add(scope, path, { files, secrets }, path);
    for (const [path, target] of Object.entries(links)) {
      this.add(scope, path, { files, secrets }, posix.resolve(posix.dirname(path), target));
    }
  }

  public issueOnHost(): never {
    throw dehydratedErrors.root(this.host.name, this.path);
  }

  /**
   * Declares the resource of one file.
   *
   * @param source the path of the file whose contents and mode it gets
   */
  private add(
    scope: Construct,
    path: string,
    { files, secrets }: Pick<HostFilesContent, "files" | "secrets">,
    source: string,
  ): void {
    const secret = secrets[source];
    if (secret !== undefined && isEncryptedKey(secret)) throw hostErrors.stagedKeyEncrypted();
    const { text, mode } = files[source] ?? {};
    const id = logicalId.stagedFile(this.host.name, path);
    const { file, sensitiveFile } = this.resources;
    const [type, content] = text === undefined ? [sensitiveFile.SensitiveFile, secret] : [file.File, text];
    const resource = new type(scope, id, {
      filename: escapeTemplate(`${this.directory()}${path}`),
      content,
      // The defaults of hashicorp/local are 0777, and 0700 for secrets.
      filePermission: mode ?? (text === undefined ? "0600" : "0644"),
      directoryPermission: "0755",
      lifecycle: text === undefined ? { postcondition: [KEY_IS_READABLE] } : undefined,
    });
    resource.overrideLogicalId(id);
  }
}

/**
 * Refuses an encrypted key that is known only to the engine. If it is known only in the apply, the file is
 * written before the condition fails.
 */
const KEY_IS_READABLE = {
  condition: `\${!strcontains(self.content, "ENCRYPTED PRIVATE KEY")}`,
  errorMessage: hostErrors.stagedKeyEncrypted().message,
};

/**
 * Checks the directory of a staging tree.
 *
 * @throws MailSniError `STAGING_PATH_INVALID`
 */
export function checkStagingPath(path: string): void {
  const fault = directoryFault(path) ?? (resolve(path) === "/" ? "is this machine itself" : undefined);
  if (fault !== undefined) throw hostErrors.stagingPathInvalid(path, fault);
}

type ProviderLocal = typeof import("@cdktf/provider-local");

/** Loads the package on demand, because it is an optional peer dependency. */
function loadProviderLocal(): ProviderLocal {
  try {
    return require("@cdktf/provider-local");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw hostErrors.providerLocalMissing();
  }
}

/** Adds the provider block of `hashicorp/local` unless the stack has one: Terraform refuses a second one. */
function provideLocal(stack: TerraformStack, { provider }: ProviderLocal): void {
  const type = provider.LocalProvider.tfResourceType;
  const hasOne = stack.node
    .findAll()
    .some((node) => TerraformProvider.isTerraformProvider(node) && node.terraformResourceType === type);
  if (!hasOne) new provider.LocalProvider(stack, ownId("local"));
}
