/**
 * A `local_name` block in Dovecot's configuration that you maintain yourself. This library does not write it,
 * but takes it into account to tell which certificate a client is presented.
 */
export interface LocalNameBlock {
  /**
   * The names after `local_name`, in upper or lower case: host names, in which `*` in place of a label stands
   * for any one label (not on Dovecot 2.4.0). Dovecot 2.3 allows several, in the order in which they are in
   * the quotes; 2.4 exactly one.
   */
  readonly names: string[];
  /**
   * The absolute path of the certificate's file: the value of `ssl_cert = <`, or of `ssl_server_cert_file =`
   * on 2.4.
   */
  readonly certificate: string;
  /**
   * Whether Dovecot reads the block before or after the file of this library: `conf.d/05-mail-sni.conf` on
   * 2.3, `conf.d/99-mail-sni.conf` on 2.4.
   *
   * @default - where the block loses: after it on 2.3 (the first matching block wins), before it on 2.4 (the
   *   last one wins)
   */
  readonly place?: BlockPlace;
}

/** Whether Dovecot reads a block before or after the blocks of this library. */
export enum BlockPlace {
  BEFORE = "before",
  AFTER = "after",
}

/**
 * Whether a block of a configuration may have the name. Other characters would start another word, end the quotes or the line, or
 * cannot be in a name that a client sends.
 */
export function isNameOfBlock(name: string): boolean {
  return /^[\w.*?-]+$/.test(name);
}
