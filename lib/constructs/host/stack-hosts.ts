import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { hostErrors } from "../../shared/errors";
import { madeOnce } from "../../shared/made-once";

/** The properties that must be unique among the mail hosts of a stack. */
export interface HostIdentity {
  readonly name: string;
  /** The path of the construct, for messages. */
  readonly path: string;
  /**
   * The place of the host's files, worded for messages. Hosts at the same place would overwrite each other's
   * files.
   */
  readonly place: string;
}

/** The mail hosts of a stack, of all kinds. */
export class StackHosts {
  public static of(scope: Construct): StackHosts {
    const stack = TerraformStack.of(scope);
    return madeOnce(ofStacks, stack, () => new StackHosts());
  }

  private readonly hosts = new Map<string, HostIdentity>();

  private constructor() {}

  /**
   * Adds a host, and checks that its name and its place are unique.
   *
   * @throws MailSniError `HOST_PLACE_TWICE`, `HOST_TWICE`
   */
  public add(host: HostIdentity): void {
    const sameName = this.hosts.get(host.name);
    if (sameName !== undefined) throw hostErrors.twice(host.name, sameName.path, host.path);
    const samePlace = [...this.hosts.values()].find(({ place }) => place === host.place);
    if (samePlace !== undefined) throw hostErrors.placeTwice(host.place, samePlace.name, host.name);
    this.hosts.set(host.name, host);
  }
}

const ofStacks = new WeakMap<TerraformStack, StackHosts>();
