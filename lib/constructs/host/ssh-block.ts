import { Token } from "cdktf";
import type { Construct } from "constructs";
import { sshErrors } from "../../shared/errors";
import type { SshBlock, Written } from "../../shared/provider-block/blocks";
import { parseProxyJump, parseSshDestination } from "../../shared/ssh-destination";
import { checkSshFile } from "../../shared/ssh-file";
import { parseHostKey } from "../../shared/ssh-host-key";
import { escapeTemplate } from "../bindings/template";
import { directoryFromStack } from "./directory-path";

/**
 * How `ssh` reaches a host. What you leave out comes from the user's SSH configuration: agents, security
 * keys, certificates and jump hosts that work on the command line work here.
 *
 * Files are on the machine that deploys. Their paths are absolute, relative to the directory in which cdktf
 * runs, or begin with `~/`.
 */
export interface SshConnectionProps {
  /**
   * The host's address: `user@host:port`, with user and port optional and an IPv6 address in brackets
   * (`root@[2001:db8::1]:22`), or the name of a `Host` in the SSH configuration.
   */
  readonly address: string;
  /**
   * The SSH configuration file.
   *
   * @default - that of the user (`~/.ssh/config`) and that of the machine
   */
  readonly sshConfigFile?: string;
  /**
   * The private key to log in with. The host is offered no other key; jump hosts are offered the keys of the
   * agent as well.
   *
   * @default - the keys of the agent and of the SSH configuration
   */
  readonly identityFile?: string;
  /**
   * The known_hosts file that the host's key is verified against.
   *
   * @default - the user's `~/.ssh/known_hosts`, unless `hostKeys` is set
   */
  readonly knownHostsFile?: string;
  /**
   * The host's public keys (`ssh-ed25519 AAAA…`), or whole lines of a known_hosts file, such as those for
   * jump hosts. Only these keys and those in `knownHostsFile` are trusted. Use it on CI runners that start
   * without a known_hosts file.
   *
   * @default - the keys that are already known: an unknown key is an error, never a prompt
   */
  readonly hostKeys?: string[];
  /**
   * The jump hosts, in the syntax of `address`, separated by commas, the nearest first.
   *
   * @default - those of the SSH configuration
   */
  readonly proxyJump?: string;
  /**
   * The command that gives the rights to write files and to reload servers, such as "sudo -n". It must not
   * ask for a password.
   *
   * @default - none: the user who logs in has the rights
   */
  readonly become?: string;
}

/**
 * Checks how a host is reached, and returns a function that renders these settings for the provider block at
 * synth.
 *
 * @throws MailSniError `BECOME_INVALID`, `HOST_KEY_INVALID`, `SSH_ADDRESS_INVALID`, `SSH_FILE_INVALID`
 */
export function sshBlock(scope: Construct, props: SshConnectionProps): () => Written<SshBlock> {
  const { address, hostKeys, proxyJump, become } = props;
  checkLiteral(address, parseSshDestination);
  checkLiteral(proxyJump, parseProxyJump);
  // A whole list may be an expression, too: such as what a data source knows of a machine.
  if (!Token.isUnresolved(hostKeys)) for (const key of hostKeys ?? []) checkLiteral(key, parseHostKey);
  const program = become === undefined ? undefined : parseBecome(become);
  const [config, identity, knownHosts] = (["sshConfigFile", "identityFile", "knownHostsFile"] as const).map(
    (what) => localFile(scope, what, props[what]),
  );
  return () => ({
    address: escapeTemplate(address),
    ssh_config_file: config?.(),
    identity_file: identity?.(),
    known_hosts_file: knownHosts?.(),
    host_keys: hostKeys?.map((key) => escapeTemplate(key.trim())),
    proxy_jump: proxyJump && escapeTemplate(proxyJump),
    become: program,
  });
}

/** The machine and port that an address leads to, without the user. */
export function sshPlace(address: string): string {
  if (Token.isUnresolved(address)) return address;
  const { host, port } = parseSshDestination(address);
  return `${host.toLowerCase()}, port ${port ?? 22}`;
}

/** Checks a value if it is known at synth. The provider checks the others. */
function checkLiteral(value: string | undefined, parse: (given: string) => unknown): void {
  if (value !== undefined && !Token.isUnresolved(value)) parse(value);
}

function localFile(scope: Construct, what: string, path: string | undefined): (() => string) | undefined {
  if (path === undefined) return undefined;
  if (Token.isUnresolved(path)) return () => path;
  checkSshFile(what, path);
  if (path.startsWith("~/")) return () => escapeTemplate(path);
  const fromStack = directoryFromStack(scope, path);
  return () => escapeTemplate(fromStack());
}

function parseBecome(given: string): string[] {
  const words = given.trim().split(/\s+/);
  if (!words.every((word) => /^[\w@%+=:,./-]+$/.test(word)) || given.trim().startsWith("-")) {
    throw sshErrors.become(given);
  }
  return words;
}
