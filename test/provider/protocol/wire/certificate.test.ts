import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { describe, expect, it } from "vitest";
import { createServerCertificate } from "../../../../lib/provider/protocol/wire/certificate";

describe("createServerCertificate", () => {
  it("THEN it is self-signed for localhost, and valid from 2000 to 9999", () => {
    const { certificateDer, certificatePem, privateKeyPem } = createServerCertificate();
    const certificate = new X509Certificate(certificateDer);

    expect(certificate.subjectAltName).toBe("DNS:localhost");
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
    expect(new Date(certificate.validFrom).toISOString()).toBe("2000-01-01T00:00:00.000Z");
    expect(new Date(certificate.validTo).toISOString()).toBe("9999-12-31T23:59:59.000Z");
    expect(new X509Certificate(certificatePem).raw).toEqual(certificateDer);
  });

  it("GIVEN many of them THEN OpenSSL takes each, and no two share key or serial number", () => {
    const made = Array.from({ length: 300 }, () => createServerCertificate());
    for (const { privateKeyPem, certificatePem } of made) {
      createSecureContext({ key: privateKeyPem, cert: certificatePem, ca: certificatePem });
    }
    const certificates = made.map(({ certificateDer }) => new X509Certificate(certificateDer));
    expect(new Set(certificates.map(({ serialNumber }) => serialNumber)).size).toBe(300);
    expect(new Set(certificates.map(({ fingerprint256 }) => fingerprint256)).size).toBe(300);
  });
});
