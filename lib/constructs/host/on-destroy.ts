/** What happens to the certificates that a host has issued itself when its issuer is no longer declared. */
export enum OnDestroy {
  /**
   * The files stay, and servers present them until they expire. Nothing renews them, unless another issuer takes over. If the
   * whole stack is destroyed, Dovecot presents the default for every name: the file with which it includes the others is gone.
   */
  RELEASE = "release",
  /** The files are removed, except those of the default certificate: without one, servers offer no TLS. */
  REMOVE = "remove",
}
