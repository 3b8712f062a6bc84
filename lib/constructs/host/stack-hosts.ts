import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { hostErrors } from "../../shared/errors";

/** What tells a mail host from all others of its stack. */
export interface HostIdentity {
  readonly name: string;
  /** Path of the construct, for messages. */
  readonly path: string;
  /** Where its files are, as a person would say it: hosts at one place would take each other's. */
  readonly place: string;
}

/** The mail hosts of a stack, however they are reached. */
export class StackHosts {
  public static of(scope: Construct): StackHosts {
    const stack = TerraformStack.of(scope);
    const known = ofStacks.get(stack) ?? new StackHosts();
    ofStacks.set(stack, known);
    return known;
  }

  private readonly hosts = new Map<string, HostIdentity>();

  private constructor() {}

  /** @throws MailSniError `HOST_PLACE_TWICE`, `HOST_TWICE` */
  public add(host: HostIdentity): void {
    const sameName = this.hosts.get(host.name);
    if (sameName !== undefined) throw hostErrors.twice(host.name, sameName.path, host.path);
    const samePlace = [...this.hosts.values()].find(({ place }) => place === host.place);
    if (samePlace !== undefined) throw hostErrors.placeTwice(host.place, samePlace.name, host.name);
    this.hosts.set(host.name, host);
  }
}

const ofStacks = new WeakMap<TerraformStack, StackHosts>();
