import type { KeyObject } from "node:crypto";
import { explicit, integer, oid, sequence, set } from "../../shared/der-values";
import type { CertificateName } from "../../shared/host-name";
import { NO_NAME, subjectAlternativeNames } from "./leaf-der";
import { signedDer } from "./signed-der";
import { spki } from "./web-crypto";

/**
 * A certificate request (PKCS #10, RFC 2986), DER. It has no subject: CAs choose the CN, or give none. The X.509 library would take
 * longer for it than all else that the provider does for an order, and longer still to load.
 */
export function certificateRequest(names: readonly CertificateName[], key: KeyObject): Promise<Buffer> {
  const extensions = sequence(subjectAlternativeNames(names, false));
  const attribute = sequence(EXTENSION_REQUEST, set(extensions));
  // Of one attribute, `[0] IMPLICIT SET` has the same bytes.
  const attributes = explicit(0, attribute);
  return signedDer(sequence(VERSION_1, NO_NAME, spki(key), attributes), key);
}

const VERSION_1 = integer(Buffer.of(0));
/** RFC 2985 §5.4.2. */
const EXTENSION_REQUEST = oid("2a864886f70d01090e");
