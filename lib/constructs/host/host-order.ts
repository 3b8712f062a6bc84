import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { madeOnce } from "../../shared/made-once";
import type { HostPart } from "./host-delivery";
import type { HostResource } from "./host-resource";

/**
 * The order in which the hosts of a stack get a change: canaries first. Each part of another host depends on the same part of
 * every canary, certificate by certificate, in whichever order they are declared.
 */
export class HostOrder {
  public static of(scope: Construct): HostOrder {
    const stack = TerraformStack.of(scope);
    return madeOnce(ofStacks, stack, () => new HostOrder());
  }

  private readonly groups = new Map<string, Group>();

  private constructor() {}

  /** Adds a part of a host, and makes the dependencies between it and those that are there. */
  public add(part: HostPart, resource: HostResource, isCanary: boolean): void {
    if (isCanary) this.lead(this.group(groupOf(part)), resource);
    else for (const group of groupsBefore(part)) this.follow(this.group(group), resource);
  }

  private lead({ canaries, followers }: Group, resource: HostResource): void {
    canaries.push(resource);
    for (const follower of followers) follower.dependOn(resource);
  }

  private follow({ canaries, followers }: Group, resource: HostResource): void {
    followers.push(resource);
    for (const canary of canaries) resource.dependOn(canary);
  }

  private group(name: string): Group {
    const group = this.groups.get(name) ?? { canaries: [], followers: [] };
    this.groups.set(name, group);
    return group;
  }
}

const ofStacks = new WeakMap<TerraformStack, HostOrder>();

/** Parts of hosts that belong together. */
interface Group {
  readonly canaries: HostResource[];
  readonly followers: HostResource[];
}

/** A default is compared by its certificate: hosts may have different ones. */
function groupOf(part: HostPart): string {
  return part.kind === "base" ? part.kind : `${part.kind} ${part.certificate.name}`;
}

/** A default certificate also waits for the canary that presents it for its names. */
function groupsBefore(part: HostPart): string[] {
  return part.kind === "default" ? [groupOf(part), groupOf({ ...part, kind: "domain" })] : [groupOf(part)];
}
