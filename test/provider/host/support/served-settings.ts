import {
  type HostSettings,
  type ServiceSettings,
  withoutCommands,
} from "../../../../lib/provider/host/desired/host-settings";

export const STATE_DIRECTORY = "/var/lib/mail-sni";

/** A host with the services `served`, which is the script of that name, and `filed`, which needs to be told nothing. */
export function servedOn(root: string, control: string, script: string): HostSettings {
  const command = (...args: string[]) => ["sh", script, root, control, ...args];
  const served: ServiceSettings = {
    ...withoutCommands("served"),
    config: { file: "/etc/served/served.conf", include: "include {path}", position: "last" },
    check: command("check", "{candidate}"),
    activate: command("activate"),
    running: command("running"),
  };
  return {
    name: "mx1",
    root,
    stateDirectory: STATE_DIRECTORY,
    applyOwnership: true,
    services: new Map([
      ["served", served],
      ["filed", withoutCommands("filed")],
    ]),
  };
}
