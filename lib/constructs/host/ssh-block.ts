import { Token } from "cdktf";
import type { Construct } from "constructs";
import { sshErrors } from "../../shared/errors";
import { parseProxyJump, parseSshDestination } from "../../shared/ssh-destination";
import { checkSshFile } from "../../shared/ssh-file";
import { parseHostKey } from "../../shared/ssh-host-key";
import { escapeTemplate } from "../bindings/template";
import { directoryFromStack } from "./directory-path";

/**
 * How `ssh` reaches a host. Whatever is left out is as in the user's own configuration: agents, security keys,
 * certificates and jump hosts that work on the command line work here.
 *
 * Files are on the machine that deploys: absolute, relative to the directory in which cdktf runs, or beginning with `~/`.
 */
export interface SshConnectionProps {
  /**
   * `user@host:port`, where user and port may be left out, an IPv6 address in brackets (`root@[2001:db8::1]:22`), or the
   * name of a `Host` in the configuration of ssh.
   */
  readonly address: string;
  /** @default - that of the user (`~/.ssh/config`) and of the machine */
  readonly sshConfigFile?: string;
  /**
   * The private key to log in with, and no other one; on hosts on the way beside those of the agent.
   *
   * @default - what the agent and the configuration of ssh have
   */
  readonly identityFile?: string;
  /** @default - the user's `~/.ssh/known_hosts`, where `hostKeys` has none */
  readonly knownHostsFile?: string;
  /**
   * The host's public keys (`ssh-ed25519 AAAA…`), or whole lines of a known_hosts file, such as those of the hosts on the
   * way. No key is trusted but these, and those in `knownHostsFile`. For runners that are new each time.
   *
   * @default - those that are known already: an unknown key is an error, never a question
   */
  readonly hostKeys?: string[];
  /**
   * Hosts on the way, as `address` has them, separated by commas, the nearest first.
   *
   * @default - as in the configuration of ssh
   */
  readonly proxyJump?: string;
  /**
   * What gives the rights to write files and to reload servers, such as "sudo -n". It must not ask for a password.
   *
   * @default - the rights of the user who logs in
   */
  readonly become?: string;
}

/**
 * How a host is reached, as the provider's block has it: in Terraform's spelling, to be asked for at synth.
 *
 * @throws MailSniError `BECOME_INVALID`, `HOST_KEY_INVALID`, `SSH_ADDRESS_INVALID`, `SSH_FILE_INVALID`
 */
export function sshBlock(scope: Construct, props: SshConnectionProps): () => object {
  const { address, hostKeys, proxyJump, become } = props;
  checkLiteral(address, parseSshDestination);
  checkLiteral(proxyJump, parseProxyJump);
  for (const key of hostKeys ?? []) checkLiteral(key, parseHostKey);
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

/** The machine that an address leads to, whoever logs in there. */
export function sshPlace(address: string): string {
  if (Token.isUnresolved(address)) return address;
  const { host, port } = parseSshDestination(address);
  return `${host.toLowerCase()}, port ${port ?? 22}`;
}

/** What is known to the engine only is looked at by the provider. */
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
