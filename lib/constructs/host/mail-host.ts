import { resolve } from "node:path";
import { Construct } from "constructs";
import { hostErrors, ruleErrors } from "../../shared/errors";
import { checkId } from "../bindings/addresses";
import { escapeTemplate } from "../bindings/template";
import { checkPath, type HostContent } from "../service/host-content";
import type { IMailService } from "../service/mail-service";
import type { ServedCertificates } from "../service/served-certificate";
import { directoryFault, directoryFromStack } from "./directory-path";
import { GoneHost } from "./gone-host";
import type { HostPart, IHostDelivery } from "./host-delivery";
import { HostDomains } from "./host-domains";
import { ManagedFiles } from "./managed-files";
import { serviceBlock } from "./service-block";
import { type SshConnectionProps, sshBlock, sshPlace } from "./ssh-block";
import { StackHosts } from "./stack-hosts";
import { checkStagingPath, StagedFiles } from "./staged-files";

/** Whether owners and groups are set and compared, and service commands run. */
export enum Ownership {
  /** They are: for hosts that serve. Needs root, or the owner's own rights. */
  APPLY = "apply",
  /** They are not: for trees that are looked at, or packed and carried elsewhere. Whoever deploys owns all. */
  SKIP = "skip",
}

/** What becomes of a plan that cannot look at a host. */
export enum OnUnreachable {
  /** It fails, so that nothing is taken for granted. */
  FAIL = "fail",
  /** It goes on, with a warning and with what was known of the host last. A change of the host fails all the same. */
  WARN = "warn",
}

/** What hosts have in common, however they are reached. */
export interface MailHostProps {
  /** The mail servers that run on the host: at least one. */
  readonly services: IMailService[];
  /** @default - Ownership.APPLY where `root` is "/", else Ownership.SKIP */
  readonly ownership?: Ownership;
  /**
   * Where the ledger is kept that says which stack owns which path; below `root`.
   *
   * @default "/var/lib/mail-sni"
   */
  readonly stateDirectory?: string;
  /**
   * The id that the host had when it was deployed last, so that its resources get their new addresses (`moved` blocks)
   * instead of being replaced. To be left out again once that is deployed.
   *
   * @default - it had the same
   */
  readonly renamedFrom?: string;
}

export interface LocalMailHostProps extends MailHostProps {
  /**
   * A directory below which all paths are, absolute or relative to the directory in which cdktf runs. What files say
   * holds paths without it.
   *
   * @default "/", which is this machine itself
   */
  readonly root?: string;
}

export interface SshMailHostProps extends MailHostProps, SshConnectionProps {
  /**
   * A directory of the host, absolute, below which all paths are. What files say holds paths without it.
   *
   * @default "/"
   */
  readonly root?: string;
  /**
   * There is no such machine any more. What was declared for it is taken for deleted at the next deploy, without contact.
   * The construct can be removed afterwards.
   *
   * @default false
   */
  readonly gone?: boolean;
  /**
   * What becomes of a plan that cannot reach the host. Where the plan is made, the environment variable
   * `MAIL_SNI_ON_UNREACHABLE` (`fail` or `warn`) goes before this.
   *
   * @default OnUnreachable.FAIL
   */
  readonly onUnreachable?: OnUnreachable;
}

export interface StagingDirectoryProps {
  /** The mail servers for which the tree is made: at least one. */
  readonly services: IMailService[];
  /** The directory, absolute or relative to the directory in which cdktf runs. What files say holds paths without it. */
  readonly path: string;
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
    return new MailHost(scope, id, props.services, (host) => ({
      place: localPlace(props),
      delivery: new ManagedFiles(host, localBlock(host, props), props.renamedFrom),
    }));
  }

  /**
   * A host that the system's `ssh` reaches, from the machine that deploys. Its key has to be known, always; nobody is
   * asked for anything. It needs a POSIX shell, coreutils, grep, and `flock` of util-linux.
   *
   * @throws MailSniError `BECOME_INVALID`, `HOST_KEY_INVALID`, `HOST_PLACE_TWICE`, `HOST_TWICE`, `ID_INVALID`,
   *   `PATH_INVALID`, `PATH_TWICE`, `SERVICES_EMPTY`, `SERVICE_TWICE`, `SSH_ADDRESS_INVALID`, `SSH_FILE_INVALID`
   */
  public static ssh(scope: Construct, id: string, props: SshMailHostProps): MailHost {
    return new MailHost(scope, id, props.services, (host) => {
      const block = sshHostBlock(host, props);
      return {
        place: `${sshPlace(props.address)}${props.root ?? "/"}`,
        gone: props.gone,
        delivery: props.gone ? new GoneHost(host, block) : new ManagedFiles(host, block, props.renamedFrom),
      };
    });
  }

  /**
   * A staging tree: the files that a host is to have, for golden images and configuration management to carry there. Never
   * for a live host: `hashicorp/local` deletes a file before it writes the new one, sets no owner, and tells no server.
   *
   * Links become copies, and neither placeholders nor empty directories are made. Needs the package
   * `@cdktf/provider-local`, and a stack of its own or `cdktf deploy --skip-provider-lock`.
   *
   * @throws MailSniError `HOST_PLACE_TWICE`, `HOST_TWICE`, `ID_INVALID`, `PATH_INVALID`, `PATH_TWICE`,
   *   `PROVIDER_LOCAL_MISSING`, `SERVICES_EMPTY`, `SERVICE_TWICE`, `STAGING_PATH_INVALID`
   */
  public static directory(scope: Construct, id: string, props: StagingDirectoryProps): MailHost {
    checkStagingPath(props.path);
    return new MailHost(scope, id, props.services, (host) => ({
      place: `the directory ${resolve(props.path)}`,
      delivery: new StagedFiles(host, props.path),
    }));
  }

  /** The construct's id. */
  public readonly name: string;
  public readonly services: IMailService[];
  /** There is no such machine any more: nothing is declared for it. */
  public readonly gone: boolean;
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
    const { place, delivery, gone = false } = reach(this);
    this.gone = gone;
    StackHosts.of(this).add({ name: id, path: this.node.path, place });
    this.delivery = delivery;
    this.deliver(this, { kind: "base" }, (service) => service.hostFiles());
    this.domains = new HostDomains(this, (...part) => this.deliver(...part));
    this.node.addValidation({
      validate: () => (this.domains.hasDefault || gone ? [] : [ruleErrors.defaultMissing(id).message]),
    });
  }

  /** All that the host presents by now, whichever `MailSni` declares it. */
  public get served(): ServedCertificates {
    return this.domains.served;
  }

  private deliver(scope: Construct, part: HostPart, contentOf: (service: IMailService) => HostContent): void {
    const contents = new Map(this.services.map((service) => [service.name, contentOf(service)]));
    this.delivery.deliver(scope, part, contents);
  }
}

/** What tells one kind of host from another. */
interface HostReach {
  /** Where the host's files are, as a person would say it. */
  readonly place: string;
  readonly gone?: boolean;
  readonly delivery: IHostDelivery;
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
function localBlock(host: MailHost, props: LocalMailHostProps): () => object {
  const { root } = props;
  if (root !== undefined) checkRoot(root);
  const common = commonBlock(props);
  const fromStack = root === undefined ? undefined : directoryFromStack(host, root);
  return () => ({
    root: fromStack === undefined ? undefined : escapeTemplate(fromStack()),
    ...common(),
  });
}

function sshHostBlock(host: MailHost, props: SshMailHostProps): () => object {
  const { root, gone, onUnreachable } = props;
  if (root !== undefined && root !== "/") checkPath("The root", root);
  const ssh = sshBlock(host, props);
  const common = commonBlock(props);
  return () => ({ ...ssh(), gone, on_unreachable: onUnreachable, root, ...common() });
}

function commonBlock({ ownership, stateDirectory, services }: MailHostProps): () => object {
  if (stateDirectory !== undefined) checkPath("The stateDirectory", stateDirectory);
  return () => ({
    ownership,
    state_directory: stateDirectory,
    services: Object.fromEntries(services.map((service) => [service.name, serviceBlock(service)])),
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
