import { afterAll, beforeAll, expect, it } from "vitest";
import { placeholderPem } from "../../lib/provider/host/apply/placeholder";
import { issueCa, issueLeaf } from "../../lib/provider/x509/issue";
import { readCaCertificate } from "../../lib/provider/x509/issuing-ca";
import { generateKey, privateKeyPem } from "../../lib/provider/x509/key-algorithm";
import { validityFrom } from "../../lib/provider/x509/validity";
import { inspectCombinedPem } from "../../lib/shared/combined-pem";
import { OddPems, oddPems, pemOf } from "../support/odd-pems";
import { describeIf, openssl } from "../support/requirements";

const inspect = (pem: string) => inspectCombinedPem(pem, { names: [], at: new Date() });

function said(pem: string): string[] {
  const inspection = inspect(pem);
  return (inspection.ok ? inspection.warnings : inspection.problems).map(({ message }) => message);
}

describeIf(openssl, "a PEM as OpenSSL takes it", () => {
  let odd: OddPems;
  let pems: Readonly<Record<string, string>>;
  beforeAll(() => {
    odd = new OddPems();
    pems = oddPems(odd);
  }, 60_000);
  afterAll(() => odd?.remove());

  it.each([
    ["sha1-leaf", "SIGNATURE_WEAK", "certificate 1 of 2 (CN=sha1-leaf) uses SHA-1"],
    ["md5-leaf", "SIGNATURE_WEAK", "certificate 1 of 2 (CN=md5-leaf) uses MD5"],
    ["pss-sha1-leaf", "SIGNATURE_WEAK", "certificate 1 of 2 (CN=pss-sha1-leaf) uses SHA-1"],
    ["below-sha1-intermediate", "SIGNATURE_WEAK", "certificate 2 of 3 (CN=sha1-intermediate) uses SHA-1"],
    ["rsa1024-leaf", "KEY_WEAK", "certificate 1 of 2 (CN=rsa1024-leaf) is too small (RSA, 1024 bits)"],
    ["below-small-intermediate", "KEY_WEAK", "certificate 2 of 3 (CN=small-intermediate)"],
    ["below-small-root", "KEY_WEAK", "certificate 2 of 2 (CN=small-root) is too small (RSA, 1024 bits)"],
    ["below-curve-root", "KEY_WEAK", "(CN=curve-root) is too small (EC, curve prime192v1)"],
    ["p192-leaf", "KEY_UNSUPPORTED", "(EC, curve prime192v1)"],
    ["p224-leaf", "KEY_UNSUPPORTED", "(EC, curve secp224r1)"],
    ["secp256k1-leaf", "KEY_UNSUPPORTED", "(EC, curve secp256k1)"],
  ])("GIVEN %s THEN %s, which names the certificate and the reason", (name, code, text) => {
    const pem = pems[name] as string;
    expect(inspect(pem).ok).toBe(false);
    expect(said(pem)).toEqual([expect.stringContaining(`[${code}]`)]);
    expect(said(pem)[0]).toContain(text);
  });

  it.each(["good", "sha224-leaf", "pss2048-leaf", "below-sha1-root", "small-root-left-out"])(
    "GIVEN %s THEN nothing is wrong with it",
    (name) => {
      expect(inspect(pems[name] as string).ok).toBe(true);
      expect(said(pems[name] as string)).toEqual([]);
    },
  );

  it("GIVEN a self-signed leaf with SHA-1 THEN it is accepted, since servers do not verify that signature", () => {
    expect(inspect(pems["sha1-self-signed"] as string).ok).toBe(true);
  });

  it.each([
    ["ca-leaf", "CERTIFICATE_IS_CA"],
    ["no-signature", "CERTIFICATE_KEY_USAGE"],
    ["must-staple", "CERTIFICATE_MUST_STAPLE"],
    ["unknown-critical", "CERTIFICATE_EXTENSION_UNKNOWN"],
    ["ed25519-leaf", "KEY_RARE"],
    ["ed448-leaf", "KEY_RARE"],
  ])("GIVEN %s THEN it is accepted with the warning %s", (name, code) => {
    expect(inspect(pems[name] as string).ok).toBe(true);
    expect(said(pems[name] as string)).toEqual([expect.stringContaining(`[${code}]`)]);
  });

  it("GIVEN a key that may sign but not encipher THEN there is no warning, as for those of public CAs", () => {
    const leaf = odd.issue("signs-only", {
      key: "rsa2048",
      extensions: ["keyUsage = critical,digitalSignature"],
    });
    expect(said(pemOf(leaf))).toEqual([]);
  });

  it("GIVEN certificates without a known key THEN they are checked", () => {
    const certificates = (pems["below-sha1-intermediate"] as string).replace(/^[\s\S]*?-----END.*\n/, "");
    const inspection = inspectCombinedPem(certificates, { names: [], at: new Date(), withKey: false });
    expect(inspection).toMatchObject({ ok: false, problems: [{ code: "SIGNATURE_WEAK" }] });
  });
});

it.each(["ECDSA-P256", "ECDSA-P384", "RSA-2048"] as const)(
  "GIVEN what the provider issues with %s THEN nothing is wrong with it",
  async (algorithm) => {
    const [caKey, key] = await Promise.all([generateKey(algorithm), generateKey(algorithm)]);
    const validity = validityFrom(new Date(), 48);
    const caPem = await issueCa({ ...validity, commonName: "CA", key: caKey });
    const { value: ca } = readCaCertificate(caPem);
    if (!ca) throw new Error("no CA");
    const leaf = await issueLeaf({ ...validity, names: ["a.test" as never], key, ca, caKey });
    expect(said(`${privateKeyPem(key)}${leaf}${caPem}`)).toEqual([]);
  },
);

it("GIVEN a placeholder THEN nothing is wrong with it", async () => {
  expect(said(await placeholderPem(["a.test"]))).toEqual([]);
});
