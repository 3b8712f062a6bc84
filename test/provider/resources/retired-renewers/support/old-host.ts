import type { HostSettings } from "../../../../../lib/provider/host/desired/host-settings";
import { Hosts } from "../../../../../lib/provider/host/hosts";
import { retiredRenewers } from "../../../../../lib/provider/resources/retired-renewers";
import type { Transport } from "../../../../../lib/shared/transport/transport";
import { fileTree } from "../../../../support/file-tree";
import { ResourceLifecycle, type Values } from "../../../../support/resource-lifecycle";
import { OLD, plantRenewers } from "../../../host/support/old-renewers";
import { STATE_DIRECTORY, TestHost } from "../../../host/support/test-host";

const ALL = ["acme.sh", "certbot", "dehydrated", "lego"];

/** A `mailsni_retired_renewers` for everything that an {@link OldHost} has. */
export function retiredOf(parts: Values = {}): Values {
  return { host: "mx1", programs: ALL, hooks: [OLD.hook], ...parts };
}

/** A host on which clients of CAs run; `mx1` of a provider, unless it is named otherwise. */
export class OldHost extends TestHost {
  readonly #hosts: Hosts[] = [];

  constructor() {
    super();
    plantRenewers(this);
  }

  /** The hosts of a provider that another run has configured. */
  hosts(settings: Partial<HostSettings> = {}, stack = "stack"): Hosts {
    const named = { ...this.settings, name: "mx1", ...settings };
    const configured = new Hosts(stack, new Map([[named.name, named]]));
    this.#hosts.push(configured);
    return configured;
  }

  /** The same, through another transport. */
  hostsThrough(transport: Transport): Hosts {
    const host = this.open({ transport });
    return new (class extends Hosts {
      override find = () => host;
    })("stack", new Map());
  }

  renewers(provider = this.hosts()): ResourceLifecycle {
    return new ResourceLifecycle(retiredRenewers(), provider);
  }

  /** Also with the modes and owners of files, which switching off changes. */
  override tree(): Record<string, string> {
    return fileTree(this.root, [STATE_DIRECTORY]);
  }

  override async remove(): Promise<void> {
    await Promise.all(this.#hosts.map((each) => each.close()));
    await super.remove();
  }
}
