import { homedir } from "node:os";
import { join, posix, resolve } from "node:path";
import type { Connection } from "../transport/connection-settings";
import type { SshSettings } from "../transport/ssh-settings";
import type { ConnectionBlock } from "./blocks";
import { connectionFaults } from "./connection-faults";

/** Of the ledger, where a host does not say another. */
export const DEFAULT_STATE_DIRECTORY = "/var/lib/mail-sni";

/**
 * How to reach a host's files.
 *
 * @param block without expressions: all values are literal
 * @param directory the stack's folder, which paths on this machine are relative to
 * @throws {ConnectionFault} the first, if there are several
 */
export function parseConnection(block: ConnectionBlock, directory: string): Connection {
  const [fault] = connectionFaults(block);
  if (fault !== undefined) throw fault;
  const ssh = sshSettings(block, directory);
  const root = ssh ? posix.normalize(block.root ?? "/") : resolve(directory, block.root ?? "/");
  return {
    ssh,
    root,
    stateDirectory: posix.normalize(block.state_directory ?? DEFAULT_STATE_DIRECTORY),
    applyOwnership: block.ownership === undefined ? root === "/" : block.ownership === "apply",
  };
}

function sshSettings(block: ConnectionBlock, directory: string): SshSettings | null {
  if (block.address === undefined) return null;
  return {
    address: block.address,
    configFile: localFile(block.ssh_config_file, directory),
    identityFile: localFile(block.identity_file, directory),
    knownHostsFile: localFile(block.known_hosts_file, directory),
    hostKeys: block.host_keys ?? null,
    proxyJump: block.proxy_jump ?? null,
    become: block.become ?? null,
  };
}

function localFile(path: string | undefined, directory: string): string | null {
  if (path === undefined) return null;
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(directory, path);
}
