/** How a host is reached by ssh, beyond what the user's own configuration of ssh says. Files are absolute paths. */
export interface SshSettings {
  /** `user@host:port`, where all but the host may be left out. */
  readonly address: string;
  readonly configFile: string | null;
  readonly identityFile: string | null;
  readonly knownHostsFile: string | null;
  /** Public keys, or lines of a known_hosts file. Where there are any, no other key is trusted. */
  readonly hostKeys: readonly string[] | null;
  /** Hosts on the way, separated by commas. */
  readonly proxyJump: string | null;
  /** What has the shell run with the rights that it needs: a program and its options. */
  readonly become: readonly string[] | null;
}
