/** The SSH settings of a host. The user's SSH configuration supplies the rest. Files are absolute paths. */
export interface SshSettings {
  /** `user@host:port`, with user and port optional. */
  readonly address: string;
  readonly configFile: string | null;
  readonly identityFile: string | null;
  readonly knownHostsFile: string | null;
  /**
   * Public keys, or lines of a known_hosts file. If set, no other key is trusted but those in
   * `knownHostsFile`.
   */
  readonly hostKeys: readonly string[] | null;
  /** Jump hosts, separated by commas. */
  readonly proxyJump: string | null;
  /** The command that runs the shell with the necessary rights: a program and its options. */
  readonly become: readonly string[] | null;
}
