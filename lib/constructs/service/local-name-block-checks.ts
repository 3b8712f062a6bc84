import { isNameOfBlock, type LocalNameBlock } from "../../shared/dovecot/local-name-block";
import { serviceErrors } from "../../shared/errors";
import { checkPath } from "./host-content";

/**
 * Checks blocks that the user declares.
 *
 * @param dovecot the version of Dovecot, for messages
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
    for (const name of names) if (!isNameOfBlock(name)) throw serviceErrors.localNameInvalid(name);
    if (names.length > 1 && !severalNames) throw serviceErrors.localNamesSeveral(dovecot, names);
    checkPath(`The certificate of local_name ${names.join(" ")}`, certificate);
  }
  return [...blocks];
}
