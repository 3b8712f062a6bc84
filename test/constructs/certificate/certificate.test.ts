import { createPrivateKey, X509Certificate } from "node:crypto";
import { Fn, type TerraformStack, TerraformVariable } from "cdktf";
import { beforeAll, describe, expect, it } from "vitest";
import { Certificate } from "../../../lib";
import { type IssuedCertificate, issue } from "../../support/certificates";
import { resolved, testStack } from "../../support/synthesized";

describe("Certificate", () => {
  let ca: IssuedCertificate;
  let leaf: IssuedCertificate;
  let other: IssuedCertificate;
  let expired: IssuedCertificate;
  let stack: TerraformStack;

  beforeAll(async () => {
    ca = await issue({ subject: "CN=ca", ca: true });
    leaf = await issue({ subject: "CN=leaf", issuer: ca, dnsNames: ["a.tld", "*.a.tld"] });
    other = await issue();
    expired = await issue({ dnsNames: ["a.tld"], notBefore: new Date(0), notAfter: new Date(1000) });
    stack = testStack();
  });

  function refusal(code: string) {
    return expect.objectContaining({ code });
  }

  it("puts literal parts into one PEM: key, leaf, chain", () => {
    const certificate = Certificate.fromPem({
      privateKey: leaf.keyPem,
      certificate: leaf.pem,
      chain: ca.pem,
    });

    expect(certificate.combinedPem(stack)).toBe(`${leaf.keyPem}${leaf.pem}${ca.pem}`);
  });

  it("ends each literal part by a newline, and leaves out what is between the blocks", () => {
    const certificate = Certificate.fromPem({
      privateKey: leaf.keyPem.trim(),
      certificate: `subject=CN = leaf\n${leaf.pem.trim()}`.replaceAll("\n", "\r\n"),
      chain: ca.pem,
    });

    expect(certificate.combinedPem(stack)).toBe(`${leaf.keyPem}${leaf.pem}${ca.pem}`);
  });

  it("takes a full chain for the certificate", () => {
    const certificate = Certificate.fromPem({ privateKey: leaf.keyPem, certificate: `${leaf.pem}${ca.pem}` });

    expect(certificate.combinedPem(stack)).toBe(`${leaf.keyPem}${leaf.pem}${ca.pem}`);
  });

  it("takes all in one text", () => {
    const pem = `${leaf.keyPem}${leaf.pem}${ca.pem}`;

    expect(Certificate.fromCombinedPem(pem).combinedPem(stack)).toBe(pem);
  });

  it.each([
    ["leaf, chain, key", () => leaf.pem + ca.pem + leaf.keyPem],
    ["leaf, key, chain without a final newline", () => (leaf.pem + leaf.keyPem + ca.pem).trimEnd()],
    ["base64", () => Buffer.from(leaf.pem + ca.pem + leaf.keyPem).toString("base64")],
    ["escaped line breaks", () => JSON.stringify(leaf.keyPem + leaf.pem + ca.pem)],
  ])("puts the key first: %s", (_, pem) => {
    expect(Certificate.fromCombinedPem(pem()).combinedPem(stack)).toBe(leaf.keyPem + leaf.pem + ca.pem);
  });

  it("takes parts as CI systems keep them", () => {
    const certificate = Certificate.fromPem({
      privateKey: Buffer.from(leaf.keyPem).toString("base64"),
      certificate: leaf.pem.replaceAll("\n", "\\n"),
      chain: `\ufeff${ca.pem}`,
    });

    expect(certificate.combinedPem(stack)).toBe(leaf.keyPem + leaf.pem + ca.pem);
  });

  it.each([
    [
      "the key of another certificate",
      () => ({ privateKey: other.keyPem, certificate: leaf.pem }),
      "KEY_MISMATCH",
    ],
    [
      "an issuer in front of the leaf",
      () => ({ privateKey: leaf.keyPem, certificate: `${ca.pem}${leaf.pem}` }),
      "LEAF_NOT_FIRST",
    ],
    [
      "a chain of another CA",
      () => ({ privateKey: leaf.keyPem, certificate: leaf.pem, chain: other.pem }),
      "CHAIN_BROKEN",
    ],
    [
      "an expired certificate",
      () => ({ privateKey: expired.keyPem, certificate: expired.pem }),
      "CERTIFICATE_EXPIRED",
    ],
    ["a path for a PEM", () => ({ privateKey: "privkey.pem", certificate: leaf.pem }), "KEY_MISSING"],
    ["nothing", () => ({ privateKey: "", certificate: "" }), "PEM_EMPTY"],
  ])("refuses %s at synth", (_, parts, code) => {
    expect(() => Certificate.fromPem(parts())).toThrow(refusal(code));
  });

  it("refuses an invalid literal certificate even if the key is known only later", () => {
    const key = new TerraformVariable(stack, "key", { type: "string", sensitive: true });

    expect(() => Certificate.fromPem({ privateKey: key.stringValue, certificate: expired.pem })).toThrow(
      refusal("CERTIFICATE_EXPIRED"),
    );
    expect(() =>
      Certificate.fromPem({ privateKey: key.stringValue, certificate: `${leaf.pem}${leaf.keyPem}` }),
    ).toThrow(refusal("KEY_UNWANTED"));
  });

  it("knows the fingerprint of a literal leaf", () => {
    const literal = Certificate.fromPem({ privateKey: "${var.key}", certificate: leaf.pem });

    expect(literal.fingerprintSha256).toBe(
      new X509Certificate(leaf.pem).fingerprint256.replaceAll(":", "").toLowerCase(),
    );
    expect(Certificate.fromCombinedPem("${var.pem}").fingerprintSha256).toBeUndefined();
  });

  it("covers what its names say, wildcards included", () => {
    const certificate = Certificate.fromPem({ privateKey: leaf.keyPem, certificate: leaf.pem });

    expect(certificate.check(["a.tld", "imap.a.tld", "*.a.tld"])).toEqual([]);
    expect(() => certificate.check(["a.tld", "b.tld"])).toThrow(refusal("CERTIFICATE_NAMES_MISSING"));
  });

  it("joins expressions so that each ends by exactly one newline", () => {
    const scope = testStack();
    const variable = (name: string) => new TerraformVariable(scope, name, { type: "string" }).stringValue;
    const certificate = Certificate.fromPem({
      privateKey: variable("key"),
      certificate: variable("leaf"),
      chain: variable("chain"),
    });

    expect(resolved(scope, certificate.combinedPem(scope))).toBe(
      "${chomp(var.key)}\n${chomp(var.leaf)}\n${chomp(var.chain)}\n",
    );
  });

  it("takes expressions that cdktf knows nothing of", () => {
    const certificate = Certificate.fromCombinedPem("${data.vault_generic_secret.mail.data.pem}");

    expect(certificate.combinedPem(stack)).toBe("${data.vault_generic_secret.mail.data.pem}\n");
    expect(certificate.check(["a.tld"])).toEqual([]);
  });

  it("takes sensitive values", () => {
    const scope = testStack();
    const pem = Fn.sensitive(new TerraformVariable(scope, "pem", { type: "string" }).stringValue);

    expect(resolved(scope, Certificate.fromCombinedPem(pem).combinedPem(scope))).toBe(
      "${chomp(sensitive(var.pem))}\n",
    );
  });

  it("accepts encrypted keys, which the provider decrypts, and checks their certificates", () => {
    const secret = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const;
    const privateKey = `${createPrivateKey(leaf.keyPem).export(secret)}`;
    const pem = `${privateKey}${leaf.pem}${ca.pem}`;
    for (const certificate of [
      Certificate.fromPem({ privateKey, certificate: leaf.pem, chain: ca.pem }),
      Certificate.fromCombinedPem(pem),
    ]) {
      expect(certificate.combinedPem(stack)).toBe(pem);
      expect(certificate.dnsNames).toEqual(["a.tld", "*.a.tld"]);
      expect(() => certificate.check(["b.tld"])).toThrow(refusal("CERTIFICATE_NAMES_MISSING"));
    }
    expect(() => Certificate.fromCombinedPem(`${privateKey}${expired.pem}`).check([])).toThrow(
      refusal("CERTIFICATE_EXPIRED"),
    );
  });
});
