/** 20,000,000 rounds of PBKDF2: `openssl pkcs8 -topk8 -iter 20000000 -passout pass:…`. */
const COSTLY = Buffer.from(
  `MIHuMFkGCSqGSIb3DQEFDTBMMCsGCSqGSIb3DQEFDDAeBAilt/M3k5YlgAIEATEtADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQFL6edqiRNO6Qb9euL76I
TQSBkMQMOgDNBB3okZrFKRwC4MeIc2Q+/HbMdl01S0R97V4d7O/NhefqsWkvRf8ZOBoTPP7Yc+t4LyyNxa49bKUV3zTAb0fVnn6yu4wBbIPbINTZKWXTySTBw/nV
sOYg4PxkVoKFPOi2VlvB0Jn8O+mcNe1M6zX7s3COE0yn9SBeBj4tNBwiVsAuKIg+O0ZxmwEPng==`,
  "base64",
);
const ROUNDS = Buffer.from("020401312d00", "hex");

/** An encrypted private key whose opening takes hours, or as long as `rounds` of PBKDF2 take. */
export function costlyKeyPem(rounds = 2 ** 31 - 1): string {
  const der = Buffer.from(COSTLY);
  der.writeUInt32BE(rounds, COSTLY.indexOf(ROUNDS) + 2);
  return encryptedKeyPem(der);
}

/** @param der of an EncryptedPrivateKeyInfo (RFC 5958 §3), or of anything else */
export function encryptedKeyPem(der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}
