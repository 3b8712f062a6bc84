import { resolve } from "node:path";
import { Construct } from "constructs";
import { hostErrors, ruleErrors } from "../../shared/errors";
import type { HostBlock, SshBlock, Written } from "../../shared/provider-block/blocks";
import { checkId } from "../bindings/addresses";
import { escapeTemplate } from "../bindings/template";
import { checkPath, type HostContent } from "../service/host-content";
import type { IMailService } from "../service/mail-service";
import type { ServedCertificates } from "../service/served-certificate";
import { checkCommands, checkEndpoints, checkServiceName } from "../service/service-checks";
import { directoryFault, directoryFromStack } from "./directory-path";
import { GoneHost } from "./gone-host";
import type { HostPart, IHostDelivery, IssuingOnHost } from "./host-delivery";
import { HostDomains } from "./host-domains";
import { ManagedFiles } from "./managed-files";
import type { Renewer } from "./renewer";
import { serviceBlock } from "./service-block";
import { type SshConnectionProps, sshBlock, sshPlace } from "./ssh-block";
import { StackHosts } from "./stack-hosts";
import { checkStagingPath, StagedFiles } from "./staged-files";

/** Whether the provider sets and compares owners and groups, and runs the commands of services. */
export enum Ownership {
  /** The provider does: for hosts that serve mail. Needs root, or the rights of the files' owner. */
  APPLY = "apply",
  /**
   * The provider does not: for trees that are inspected, or packed and copied elsewhere. The user who deploys
   * owns all files.
   */
  SKIP = "skip",
}

/** What happens to a plan that cannot reach a host. */
export enum OnUnreachable {
  /** The plan fails, so that it never relies on outdated facts. */
  FAIL = "fail",
  /**
   * The plan continues with a warning and with the last known facts about the host. A change on the host
   * still fails.
   */
  WARN = "warn",
}

/** Properties of hosts that the provider manages, locally or over SSH. */
export interface MailHostProps {
  /** The mail servers that run on the host: at least one. */
  readonly services: IMailService[];
  /**
   * Whether owners and groups are set and compared, and service commands run.
   *
   * @default - Ownership.APPLY where `root` is "/", else Ownership.SKIP
   */
  readonly ownership?: Ownership;
  /**
   * The directory of the ledger, which records which stack owns which path; below `root`.
   *
   * @default "/var/lib/mail-sni"
   */
  readonly stateDirectory?: string;
  /**
   * Whether the host is a canary: it gets each certificate, and each change of a server's own files, before the other hosts
   * of the stack. They get it only after the canary has presented the certificate for every name at every port. What
   * fails on the canary is held back from the other hosts, one certificate at a time, until it succeeds or the host is no
   * longer a canary. Certificates that the canary does not serve wait for nothing. A stack can have several canaries, such
   * as one for each version of Dovecot: the other hosts wait for all of them. Neither setting nor removing it changes a
   * resource.
   *
   * @default false
   */
  readonly canary?: boolean;
  /**
   * What renews certificates on the host without this library, such as `[Renewer.certbot()]`: it is switched off before
   * anything else is changed there, and on again when it is no longer declared, or the host is destroyed.
   *
   * @default - nothing is switched off. A client that writes files of the host refuses the deploy
   */
  readonly retire?: Renewer[];
  /**
   * The id that the host had at the last deploy. Its resources then move to their new addresses (`moved`
   * blocks) instead of being replaced. Remove the property after the next deploy.
   *
   * @default - the host has the same id as before
   */
  readonly renamedFrom?: string;
}

/** Properties of the machine that deploys, as a mail host. */
export interface LocalMailHostProps extends MailHostProps {
  /**
   * The directory that all paths are below: absolute, or relative to the directory in which cdktf runs. Paths
   * inside files are written without it.
   *
   * @default "/", which is this machine itself
   */
  readonly root?: string;
}

/** Properties of a host that is reached over SSH. */
export interface SshMailHostProps extends MailHostProps, SshConnectionProps {
  /**
   * The directory of the host that all paths are below, absolute. Paths inside files are written without it.
   *
   * @default "/"
   */
  readonly root?: string;
  /**
   * Whether the machine no longer exists. The next deploy treats everything that was declared for it as
   * deleted, without contacting it. You can remove the construct afterwards.
   *
   * @default false
   */
  readonly gone?: boolean;
  /**
   * What happens to a plan that cannot reach or use the host. The environment variable `MAIL_SNI_ON_UNREACHABLE`
   * (`fail` or `warn`) of the machine that plans overrides this.
   *
   * @default OnUnreachable.FAIL
   */
  readonly onUnreachable?: OnUnreachable;
}

/** Properties of a staging tree. */
export interface StagingDirectoryProps {
  /** The mail servers that the tree is for: at least one. */
  readonly services: IMailService[];
  /**
   * The directory of the tree: absolute, or relative to the directory in which cdktf runs. Paths inside files
   * are written without it.
   */
  readonly path: string;
}

/** Reads the private members of a host. The class assigns it in its static block. */
let deliveryOf: (host: MailHost) => IHostDelivery;

/**
 * A host on which mail servers run. What the servers need before any certificate is one resource. Each
 * certificate that the host serves adds another resource, which depends on that one, and on nothing else unless the stack has
 * a canary.
 *
 * The construct's id is the host's name: unique in the stack, and part of resource addresses.
 */
export class MailHost extends Construct {
  /**
   * The machine that deploys, or a directory on it.
   *
   * @throws MailSniError `HOST_PLACE_TWICE`, `HOST_TWICE`, `ID_INVALID`, `PATH_INVALID`, `PATH_TWICE`,
   *   `ROOT_INVALID`, `SERVICES_EMPTY`, `SERVICE_TWICE`; for a service of your own also `COMMAND_EMPTY`,
   *   `ENDPOINT_PORT`, `SERVICE_NAME_INVALID`
   */
  public static local(scope: Construct, id: string, props: LocalMailHostProps): MailHost {
    return new MailHost(scope, id, props.services, (host) => ({
      place: localPlace(props),
      canary: props.canary,
      delivery: new ManagedFiles(host, localBlock(host, props), props),
    }));
  }

  /**
   * A host that the machine that deploys reaches with the system's `ssh`. Its host key must be known; there
   * are no interactive prompts. The host needs a POSIX shell, coreutils, grep, and `flock` of util-linux.
   *
   * @throws MailSniError `BECOME_INVALID`, `HOST_KEY_INVALID`, `HOST_PLACE_TWICE`, `HOST_TWICE`,
   *   `ID_INVALID`, `PATH_INVALID`, `PATH_TWICE`, `SERVICES_EMPTY`, `SERVICE_TWICE`, `SSH_ADDRESS_INVALID`,
   *   `SSH_FILE_INVALID`; for a service of your own also `COMMAND_EMPTY`,
   *   `ENDPOINT_PORT`, `SERVICE_NAME_INVALID`
   */
  public static ssh(scope: Construct, id: string, props: SshMailHostProps): MailHost {
    return new MailHost(scope, id, props.services, (host) => {
      const block = sshHostBlock(host, props);
      return {
        place: `${sshPlace(props.address)}${props.root ?? "/"}`,
        gone: props.gone,
        canary: props.canary,
        delivery: props.gone ? new GoneHost(host, block) : new ManagedFiles(host, block, props),
      };
    });
  }

  /**
   * A staging tree: the files for a host, which golden images or configuration management copy there. Do not
   * use it for a live host: `hashicorp/local` deletes a file before it writes the new one, sets no owner, and
   * reloads no server.
   *
   * Links become copies. Placeholders and empty directories are not created. A staging tree needs the package
   * `@cdktf/provider-local`, and a stack of its own or `cdktf deploy --skip-provider-lock`.
   *
   * @throws MailSniError `HOST_PLACE_TWICE`, `HOST_TWICE`, `ID_INVALID`, `PATH_INVALID`, `PATH_TWICE`,
   *   `PROVIDER_LOCAL_MISSING`, `SERVICES_EMPTY`, `SERVICE_TWICE`, `STAGING_PATH_INVALID`; for a service of your own also `COMMAND_EMPTY`,
   *   `ENDPOINT_PORT`, `SERVICE_NAME_INVALID`
   */
  public static directory(scope: Construct, id: string, props: StagingDirectoryProps): MailHost {
    checkStagingPath(props.path);
    return new MailHost(scope, id, props.services, (host) => ({
      place: `the directory ${resolve(props.path)}`,
      delivery: new StagedFiles(host, props.path),
    }));
  }

  /** The host's name: the construct's id. */
  public readonly name: string;
  /** The mail servers that run on the host. */
  public readonly services: IMailService[];
  /** Whether the machine no longer exists; nothing is declared for it then. */
  public readonly gone: boolean;
  /** Whether other hosts of the stack get each certificate only after this one. */
  public readonly canary: boolean;
  private readonly delivery: IHostDelivery;
  private readonly domains: HostDomains;

  private constructor(
    scope: Construct,
    id: string,
    services: IMailService[],
    reach: (host: MailHost) => HostReach,
  ) {
    super(scope, checkId("a mail host", id));
    this.name = id;
    this.services = checkServices(id, services);
    const { place, delivery, gone = false, canary = false } = reach(this);
    this.gone = gone;
    this.canary = canary;
    StackHosts.of(this).add({ name: id, path: this.node.path, place });
    this.delivery = delivery;
    this.deliver(this, { kind: "base" }, (service) => service.hostFiles());
    this.domains = new HostDomains(this, (...part) => this.deliver(...part));
    this.node.addValidation({
      validate: () => (this.domains.hasDefault || gone ? [] : [ruleErrors.defaultMissing(id).message]),
    });
  }

  /**
   * The certificates that the host presents, as far as they are declared so far, from all `MailSni`
   * constructs.
   */
  public get served(): ServedCertificates {
    return this.domains.served;
  }

  private deliver(
    scope: Construct,
    part: HostPart,
    contentOf: (service: IMailService) => HostContent,
    delivery = this.delivery,
  ): void {
    const contents = new Map(this.services.map((service) => [service.name, contentOf(service)]));
    delivery.deliver(scope, part, contents);
  }

  static {
    deliveryOf = (host) => host.delivery;
  }
}

/**
 * Declares the resources by which a host issues certificates itself.
 *
 * @internal
 * @throws MailSniError `DEHYDRATED_…` where it cannot do that
 */
export function issueOnHost(
  host: MailHost,
  scope: Construct,
  issuing: Omit<IssuingOnHost, "services">,
): IHostDelivery {
  return deliveryOf(host).issueOnHost(scope, { ...issuing, services: host.services });
}

/** The differences between the kinds of hosts: local, SSH, staging tree. */
interface HostReach {
  /** The place of the host's files, worded for messages. Two hosts of a stack must not share it. */
  readonly place: string;
  readonly gone?: boolean;
  readonly canary?: boolean;
  readonly delivery: IHostDelivery;
}

function checkServices(host: string, services: IMailService[]): IMailService[] {
  if (services.length === 0) throw hostErrors.servicesEmpty(host);
  const names = new Set<string>();
  for (const { name, endpoints, commands } of services) {
    // Those of this library are checked where they are declared; an implementation of the program's own may be anything.
    checkServiceName(name);
    checkEndpoints(endpoints);
    checkCommands(commands);
    if (names.has(name)) throw hostErrors.serviceTwice(host, name);
    names.add(name);
  }
  return [...services];
}

/** The settings in the provider block for a host on this machine. */
type LocalBlock = Omit<HostBlock, keyof SshBlock | "gone" | "on_unreachable">;

/** Renders the host's entry in the provider block when the stack is synthesized. */
function localBlock(host: MailHost, props: LocalMailHostProps): () => Written<LocalBlock> {
  const { root } = props;
  if (root !== undefined) checkRoot(root);
  const common = commonBlock(props);
  const fromStack = root === undefined ? undefined : directoryFromStack(host, root);
  return () => ({
    root: fromStack === undefined ? undefined : escapeTemplate(fromStack()),
    ...common(),
  });
}

function sshHostBlock(host: MailHost, props: SshMailHostProps): () => Written<HostBlock> {
  const { root, gone, onUnreachable } = props;
  if (root !== undefined && root !== "/") checkPath("The root", root);
  const ssh = sshBlock(host, props);
  const common = commonBlock(props);
  return () => ({ ...ssh(), gone, on_unreachable: onUnreachable, root, ...common() });
}

function commonBlock({
  ownership,
  stateDirectory,
  canary,
  services,
}: MailHostProps): () => Written<Omit<LocalBlock, "root">> {
  if (stateDirectory !== undefined) checkPath("The stateDirectory", stateDirectory);
  // By name: the hash of a host's settings does not depend on the order in which they are listed.
  const sorted = services.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return () => ({
    ownership,
    state_directory: stateDirectory,
    canary: canary || undefined,
    services: Object.fromEntries(sorted.map((service) => [service.name, serviceBlock(service)])),
  });
}

function localPlace({ root = "/" }: LocalMailHostProps): string {
  const directory = resolve(root);
  return directory === "/" ? "this machine" : `the directory ${directory}`;
}

function checkRoot(root: string): void {
  const fault = directoryFault(root);
  if (fault !== undefined) throw hostErrors.rootInvalid(root, fault);
}
