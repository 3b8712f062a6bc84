import { resolve } from "node:path";
import { parseConnection } from "../../shared/provider-block/connection";
import { ConnectionFault } from "../../shared/provider-block/connection-faults";
import type { Connection } from "../../shared/transport/connection-settings";
import { CliError } from "../errors/cli-error";
import type { PrintedReach } from "./stack/stack";

/** The options that say how to reach the host. */
export interface ReachFlags {
  readonly sshConfig?: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly hostKey?: readonly string[];
  readonly jump?: string;
  readonly become?: string;
  readonly root: string;
}

/**
 * How to reach the host: the settings of a deploy.
 *
 * @param address null for this machine
 * @throws CliError `CLI_OPTION`
 */
export function connectionTo(address: string | null, flags: ReachFlags): Connection {
  const { sshConfig, identity, knownHosts, hostKey, jump, root } = flags;
  const become = words(flags.become);
  try {
    return parseConnection(
      {
        ...(address !== null && { address }),
        ...(sshConfig !== undefined && { ssh_config_file: sshConfig }),
        ...(identity !== undefined && { identity_file: identity }),
        ...(knownHosts !== undefined && { known_hosts_file: knownHosts }),
        ...(hostKey !== undefined && { host_keys: hostKey }),
        ...(jump !== undefined && { proxy_jump: jump }),
        ...(become !== undefined && { become }),
        root: address === null ? resolve(root) : root,
      },
      process.cwd(),
    );
  } catch (error) {
    if (!(error instanceof ConnectionFault)) throw error;
    const remedy =
      error.kind === "without-address"
        ? "Give a destination, or leave the option out."
        : "Correct the option.";
    throw new CliError("CLI_OPTION", error.message, remedy);
  }
}

/** The same for the printed stack. */
export function printedReach(address: string | null, flags: ReachFlags): PrintedReach {
  return {
    address,
    sshConfigFile: flags.sshConfig,
    identityFile: flags.identity,
    knownHostsFile: flags.knownHosts,
    hostKeys: flags.hostKey,
    proxyJump: flags.jump,
    become: words(flags.become),
    root: flags.root,
  };
}

/** A command without quotes: a program and its options. */
function words(command: string | undefined): string[] | undefined {
  const found = command?.split(/\s+/).filter(Boolean);
  return found !== undefined && found.length > 0 ? found : undefined;
}
