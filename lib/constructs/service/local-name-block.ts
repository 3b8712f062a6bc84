import { serviceErrors } from "../../shared/errors";
import { checkPath } from "./host-content";

/**
 * A `local_name` block in Dovecot's configuration that somebody else looks after and that stays there: it is not
 * written, but counted in where it is said what a client is presented.
 */
export interface LocalNameBlock {
  /**
   * What stands behind `local_name`, in any case of letters: host names, `*` in place of a label for any one label (not
   * known to Dovecot 2.4.0).
   * Several, in the order in which they stand in the quotes, on Dovecot 2.3; exactly one on 2.4.
   */
  readonly names: string[];
  /** Absolute path of the certificate's file: what stands behind `ssl_cert = <`, or `ssl_server_cert_file =` on 2.4. */
  readonly certificate: string;
  /**
   * Where it is read, compared with what this library writes: `conf.d/05-mail-sni.conf` on 2.3,
   * `conf.d/99-mail-sni.conf` on 2.4.
   *
   * @default - where it loses: after it on 2.3 (the first block that matches wins), before it on 2.4 (the last one does)
   */
  readonly place?: BlockPlace;
}

/** Whether Dovecot reads a block before or after those of this library. */
export enum BlockPlace {
  BEFORE = "before",
  AFTER = "after",
}

/**
 * @param dovecot for messages: which Dovecot they are of
 * @param severalNames whether a block may have more than one name
 * @throws MailSniError `LOCAL_NAME_INVALID`, `LOCAL_NAMES_SEVERAL`, `PATH_INVALID`
 */
export function checkLocalNameBlocks(
  dovecot: string,
  severalNames: boolean,
  blocks: readonly LocalNameBlock[],
): LocalNameBlock[] {
  for (const { names, certificate } of blocks) {
    if (names.length === 0) throw serviceErrors.localNameMissing(certificate);
    // Anything else would be another word, the end of the quotes or of the line, or no name that a client can send.
    for (const name of names) if (!/^[\w.*?-]+$/.test(name)) throw serviceErrors.localNameInvalid(name);
    if (names.length > 1 && !severalNames) throw serviceErrors.localNamesSeveral(dovecot, names);
    checkPath(`The certificate of local_name ${names.join(" ")}`, certificate);
  }
  return [...blocks];
}
