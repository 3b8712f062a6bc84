import { MailSniError } from "../errors";
import { parseProxyJump, parseSshDestination } from "../ssh-destination";
import { checkSshFile } from "../ssh-file";
import { parseHostKey } from "../ssh-host-key";
import { pathProblem } from "../transport/paths";
import type { ConnectionBlock } from "./blocks";

/** A connection block in which any value may be missing, or unknown as in Terraform's plans. */
export type UncheckedConnection = { readonly [K in keyof ConnectionBlock]: unknown };

/** A member of a connection block that `ssh` would misread, or that contradicts the others. */
export class ConnectionFault extends Error {
  constructor(
    /** `ssh`: in a setting of `ssh`; `without-address`: such a setting for this machine; `directory`: in one of the host. */
    readonly kind: "ssh" | "without-address" | "directory",
    /** The member, and the index in it. */
    readonly path: readonly [keyof ConnectionBlock, ...number[]],
    message: string,
  ) {
    super(message);
  }
}

const SSH_FILES = ["ssh_config_file", "identity_file", "known_hosts_file"] as const;
const ONLY_WITH_ADDRESS = [...SSH_FILES, "host_keys", "proxy_jump", "become"] as const;

/** The faults of a connection block. Unknown values are accepted. */
export function connectionFaults(block: UncheckedConnection): ConnectionFault[] {
  const { address, proxy_jump: jump, host_keys: keys, root, state_directory: stateDirectory } = block;
  return [
    ...directoryFaults(stateDirectory, "state_directory"),
    ...sshFaults(address, ["address"], parseSshDestination),
    ...sshFaults(jump, ["proxy_jump"], parseProxyJump),
    ...SSH_FILES.flatMap((file) => sshFaults(block[file], [file], (path) => checkSshFile(file, path))),
    ...(Array.isArray(keys) ? keys : []).flatMap((key, index) =>
      sshFaults(key, ["host_keys", index], parseHostKey),
    ),
    ...(isLeftOut(address)
      ? ONLY_WITH_ADDRESS.filter((name) => isWritten(block[name])).map(withoutAddress)
      : rootFaults(root)),
  ];
}

function sshFaults(
  value: unknown,
  path: ConnectionFault["path"],
  parse: (given: string) => unknown,
): ConnectionFault[] {
  if (typeof value !== "string") return [];
  try {
    parse(value);
    return [];
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
    return [new ConnectionFault("ssh", path, error.message)];
  }
}

function withoutAddress(name: (typeof ONLY_WITH_ADDRESS)[number]): ConnectionFault {
  return new ConnectionFault(
    "without-address",
    [name],
    `${name} applies to SSH only, and the host has no address. Set address, or leave ${name} out.`,
  );
}

/** On a host that is reached by SSH the root must be absolute: there is no stack's folder. */
function rootFaults(root: unknown): ConnectionFault[] {
  return root === "/" ? [] : directoryFaults(root, "root");
}

function directoryFaults(value: unknown, name: "root" | "state_directory"): ConnectionFault[] {
  const problem = typeof value === "string" ? pathProblem(value) : undefined;
  if (problem === undefined) return [];
  return [new ConnectionFault("directory", [name], `${JSON.stringify(value)}: ${problem}.`)];
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Not so a value that is unknown: it may become null. */
function isWritten(value: unknown): boolean {
  return typeof value === "string" || Array.isArray(value);
}
