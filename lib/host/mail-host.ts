import { isAbsolute, relative, resolve } from "node:path";
import { App, Manifest, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { checkId, logicalId } from "../bindings/addresses";
import { HostFilesResource } from "../bindings/resources";
import { escapeTemplate } from "../bindings/template";
import { hostErrors, sniErrors } from "../common/errors";
import { StackProvider } from "../plugin/stack-provider";
import { checkPath, type HostContent } from "../service/host-content";
import type { IMailService } from "../service/mail-service";
import { type ServedCertificate, ServedCertificates } from "../service/served-certificate";
import { hostFilesContent } from "./host-files";
import { serviceBlock } from "./service-block";

/** Whether owners and groups are set and compared, and service commands run. */
export enum Ownership {
  /** They are: for hosts that serve. Needs root, or the owner's own rights. */
  APPLY = "apply",
  /** They are not: for trees that are looked at, or packed and carried elsewhere. Whoever deploys owns all. */
  SKIP = "skip",
}

export interface LocalMailHostProps {
  /** The mail servers that run on the host: at least one. */
  readonly services: IMailService[];
  /**
   * A directory below which all paths are, absolute or relative to the directory in which cdktf runs. What files say
   * holds paths without it.
   *
   * @default "/", which is this machine itself
   */
  readonly root?: string;
  /** @default - Ownership.APPLY where `root` is "/", else Ownership.SKIP */
  readonly ownership?: Ownership;
  /**
   * Where the ledger is kept that says which stack owns which path; below `root`.
   *
   * @default "/var/lib/mail-sni"
   */
  readonly stateDirectory?: string;
}

/**
 * A host on which mail servers run. What it is given at once is a resource of its own; every certificate that it is to
 * serve adds another one, which depends on that alone.
 *
 * The construct's id is the host's name: unique in the stack, and a part of resource addresses.
 */
export class MailHost extends Construct {
  /**
   * The machine that deploys, or a directory on it.
   *
   * @throws MailSniError `HOST_PLACE_TWICE`, `HOST_TWICE`, `ID_INVALID`, `PATH_INVALID`, `PATH_TWICE`,
   *   `ROOT_INVALID`, `SERVICES_EMPTY`, `SERVICE_TWICE`
   */
  public static local(scope: Construct, id: string, props: LocalMailHostProps): MailHost {
    return new MailHost(scope, id, props);
  }

  /** The construct's id. */
  public readonly name: string;
  public readonly services: IMailService[];
  /** All that the host presents, whichever `MailSni` declares it. */
  public readonly served = new ServedCertificates();
  /** Who declares what, for messages. */
  private readonly domains = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly base: HostFilesResource;
  private defaultParty?: string;

  private constructor(scope: Construct, id: string, props: LocalMailHostProps) {
    super(scope, checkId("a mail host", id));
    this.name = id;
    this.services = checkServices(id, props.services);
    const render = hostBlock(this, props);
    StackProvider.of(this).addHost({ name: id, path: this.node.path, place: placeOf(props), render });
    this.base = this.addFiles(this, logicalId.base(id), {
      role: "base",
      content: (service) => service.hostFiles(),
    });
    this.node.addValidation({
      validate: () => (this._hasDefault ? [] : [sniErrors.defaultMissing(id).message]),
    });
  }

  /**
   * Refuses a domain, and names, that the host presents already.
   *
   * @param party who declares them, for messages
   * @internal
   */
  public _checkFree(domain: string, names: string[], party: string): void {
    const twin = this.domains.get(domain);
    if (twin !== undefined) throw sniErrors.domainTwice(domain, twin, party);
    for (const name of names) {
      const other = this.names.get(name);
      if (other !== undefined) throw hostErrors.nameTaken(name, this.name, other, party);
    }
  }

  /**
   * Has the host present a certificate for its names.
   *
   * @param party who declares it, for messages
   * @internal
   */
  public _serve(scope: Construct, certificate: ServedCertificate, party: string): void {
    this._checkFree(certificate.name, certificate.names, party);
    this.addFiles(scope, logicalId.domain(certificate.name, this.name), {
      content: (service) => service.certificateFiles(certificate),
      names: certificate.names,
    });
    this.domains.set(certificate.name, party);
    for (const name of certificate.names) this.names.set(name, party);
    this.served._add(certificate);
  }

  /**
   * Whether some `MailSni` names the host's default.
   *
   * @internal
   */
  public get _hasDefault(): boolean {
    return this.defaultParty !== undefined;
  }

  /**
   * Reserves the host's one default.
   *
   * @param party who will name it, for messages
   * @internal
   */
  public _claimDefault(party: string): void {
    if (this.defaultParty !== undefined) throw sniErrors.defaultTwice(this.name, this.defaultParty, party);
    this.defaultParty = party;
  }

  /**
   * Has the host present a certificate to clients that ask for no name that it knows.
   *
   * @internal
   */
  public _serveByDefault(scope: Construct, certificate: ServedCertificate): void {
    this.addFiles(scope, logicalId.default(this.name), {
      role: "default",
      content: (service) => service.defaultFiles(certificate),
      names: certificate.names,
    });
    this.served._setDefault(certificate);
  }

  private addFiles(
    scope: Construct,
    id: string,
    { role, content, names = [] }: FilesOptions,
  ): HostFilesResource {
    const exact = names.filter((name) => !name.startsWith("*"));
    const contents = new Map(this.services.map((service) => [service.name, content(service)]));
    const files = new HostFilesResource(scope, id, {
      host: this.name,
      role,
      ...hostFilesContent(contents),
      names: exact.length > 0 ? exact : undefined,
    });
    files.overrideLogicalId(id);
    // As text: cdktf would record a stack trace for each dependency, and ignores `node.addDependency`.
    if (this.base !== undefined)
      files.dependsOn = [`${this.base.terraformResourceType}.${this.base.friendlyUniqueId}`];
    return files;
  }
}

interface FilesOptions {
  readonly role?: string;
  readonly content: (service: IMailService) => HostContent;
  readonly names?: string[];
}

function checkServices(host: string, services: IMailService[]): IMailService[] {
  if (services.length === 0) throw hostErrors.servicesEmpty(host);
  const names = new Set<string>();
  for (const { name } of services) {
    if (names.has(name)) throw hostErrors.serviceTwice(host, name);
    names.add(name);
  }
  return [...services];
}

/** The host's entry in the provider's block, in Terraform's spelling; rendered when the stack is synthesized. */
function hostBlock(host: MailHost, props: LocalMailHostProps): () => object {
  const { root, ownership, stateDirectory, services } = props;
  if (root !== undefined) checkRoot(root);
  if (stateDirectory !== undefined) checkPath("The stateDirectory", stateDirectory);
  const project = process.cwd();
  return () => ({
    root:
      root === undefined ? undefined : escapeTemplate(fromStackDirectory(host, resolve(project, root), root)),
    ownership,
    state_directory: stateDirectory,
    services: Object.fromEntries(services.map((service) => [service.name, serviceBlock(service)])),
  });
}

function placeOf({ root = "/" }: LocalMailHostProps): string {
  const directory = resolve(root);
  return directory === "/" ? "this machine" : `the directory ${directory}`;
}

function checkRoot(root: string): void {
  if (Token.isUnresolved(root)) throw hostErrors.rootInvalid(root, "is a Terraform expression");
  if (root === "") throw hostErrors.rootInvalid(root, "is empty");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused
  if (/[\0-\x1f\x7f]/.test(root)) throw hostErrors.rootInvalid(root, "has control characters in it");
}

/** Engines run in the stack's own directory, so that is what a relative path has to be relative to. */
function fromStackDirectory(host: MailHost, path: string, given: string): string {
  if (isAbsolute(given)) return path;
  const stack = TerraformStack.of(host);
  return relative(resolve(App.of(host).outdir, Manifest.stacksFolder, stack.node.id), path);
}
