/** The algorithm and size of a private key. */
export enum KeyAlgorithm {
  ECDSA_P256 = "ECDSA-P256",
  ECDSA_P384 = "ECDSA-P384",
  RSA_2048 = "RSA-2048",
  RSA_3072 = "RSA-3072",
  RSA_4096 = "RSA-4096",
}
