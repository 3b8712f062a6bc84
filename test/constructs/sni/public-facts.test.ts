import { describe, expect, it } from "vitest";
import { Certificate, HostNames, MailSni } from "../../../lib";
import { combinedPem, issue } from "../../support/certificates";
import { synthesized, testStack } from "../../support/synthesized";
import { acmeIssuer, declare, hostOf } from "./support/declare";

describe("the output mail_sni", () => {
  it("GIVEN issued certificates THEN it refers to their public attributes, the domains by name", () => {
    const { stack, sni } = declare();
    sni.addDomain("a.tld", { issuer: acmeIssuer(stack) });

    const { mail_sni: output } = synthesized(stack).output;

    expect(output.sensitive).toBeUndefined();
    expect(Object.keys(output.value.certificates)).toEqual(["a.tld", "domain1.tld"]);
    expect(output.value).toMatchObject({
      version: 1,
      certificates: {
        "a.tld": {
          fingerprint_sha256: "${mailsni_acme_certificate.c_a_tld.fingerprint_sha256}",
          issuer: "https://acme-v02.api.letsencrypt.org/directory",
          not_after: "${mailsni_acme_certificate.c_a_tld.not_after}",
          renew_at: "${mailsni_acme_certificate.c_a_tld.renew_at}",
        },
        "domain1.tld": {
          fingerprint_sha256: "${mailsni_private_certificate.c_domain1_tld.fingerprint_sha256}",
          issuer: "mailsni_private_ca.ca_ca",
        },
      },
    });
  });

  it("GIVEN managed hosts THEN it has what is pending on each, from all of its resources", () => {
    const { stack } = declare();

    expect(synthesized(stack).output.mail_sni.value.pending).toEqual({
      mx1: "${compact([mailsni_host_files.base__mx1.pending, mailsni_host_files.d_domain1_tld__mx1.pending, mailsni_host_files.default__mx1.pending])}",
    });
  });

  it("GIVEN a certificate that is obtained elsewhere THEN its fingerprint, and nothing of its key", async () => {
    const certificate = await issue({ dnsNames: ["b.tld"] });
    const pem = combinedPem(certificate);
    const { stack, sni } = declare();
    sni.addDomain("b.tld", { certificate: Certificate.fromCombinedPem(pem), names: HostNames.of("b.tld") });
    const { value } = synthesized(stack).output.mail_sni;
    expect(value.certificates["b.tld"]).toEqual({ fingerprint_sha256: certificate.fingerprint });
    expect(JSON.stringify(value)).not.toContain("PRIVATE KEY");
  });

  it("GIVEN an expression THEN nothing is said of it, since it may be sensitive", () => {
    const { stack, sni } = declare();
    sni.addDomain("b.tld", {
      certificate: Certificate.fromCombinedPem("${var.pem}"),
      names: HostNames.of("b.tld"),
    });
    expect(synthesized(stack).output.mail_sni.value.certificates["b.tld"]).toEqual({});
  });

  it("GIVEN two MailSni in a stack THEN there is one output of both", () => {
    const stack = testStack();
    const { issuer } = declare(undefined, {}, stack);
    const other = new MailSni(stack, "other", {
      hosts: [hostOf(stack, "mx2")],
      issuer,
      defaultDomain: "domain2.tld",
    });
    other.addDomain("domain2.tld");
    const { output } = synthesized(stack);
    expect(Object.keys(output)).toEqual(["mail_sni", "mail_sni_hosts"]);
    expect(Object.keys(output.mail_sni.value.certificates)).toEqual(["domain1.tld", "domain2.tld"]);
    expect(Object.keys(output.mail_sni.value.pending)).toEqual(["mx1", "mx2"]);
  });
});
