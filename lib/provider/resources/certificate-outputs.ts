import type { CertificateFacts } from "../../shared/certificate-facts";
import { attribute, type ValuesOf } from "../protocol/schema/schema";
import { STATE_KEY } from "./state-key";

export const FINGERPRINT = attribute.string({
  description: "The SHA-256 fingerprint of the certificate: lower-case hex without colons.",
  computed: true,
});

/** The outputs of every resource that issues certificates for servers. */
export const certificateOutputs = {
  certificate_pem: attribute.string({
    description: "The certificate (leaf), as PEM with a final newline.",
    computed: true,
  }),
  chain_pem: attribute.string({
    description:
      "The chain that a server sends after the certificate, as PEM with a final newline. The full chain is " +
      "`certificate_pem` followed by `chain_pem`.",
    computed: true,
  }),
  private_key_pem: attribute.string({
    description: `The private key, new for each certificate unless \`reuse_key\` is true: ${STATE_KEY}`,
    computed: true,
    sensitive: true,
  }),
  fingerprint_sha256: FINGERPRINT,
  serial: attribute.string({
    description: "The serial number: lower-case hex without colons.",
    computed: true,
  }),
  spki_sha256: attribute.string({
    description:
      "The SHA-256 digest of the public key (SubjectPublicKeyInfo), in lower-case hex, as in a TLSA record " +
      "`3 1 1`. It changes with each certificate unless `reuse_key` is true.",
    computed: true,
  }),
};

type Digests = "fingerprint_sha256" | "serial" | "spki_sha256";

/** The outputs that identify the certificate and its key. */
export function digestsOf(leaf: CertificateFacts): Pick<ValuesOf<typeof certificateOutputs>, Digests> {
  return {
    fingerprint_sha256: leaf.fingerprintSha256,
    serial: leaf.serial,
    spki_sha256: leaf.spkiSha256,
  };
}
