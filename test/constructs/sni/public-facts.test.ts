import type { TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import {
  Certificate,
  DehydratedChallenge,
  DehydratedIssuer,
  HostNames,
  type ICertificate,
  type MailDomainOptions,
  MailHost,
  MailSni,
} from "../../../lib";
import { combinedPem, issue } from "../../support/certificates";
import { synthesized, testStack } from "../../support/synthesized";
import { acmeIssuer, declare, hostOf, quietServices } from "./support/declare";

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

  describe("GIVEN one domain in two MailSni of a stack", () => {
    /** On another host than the first one, with a certificate of its own. */
    function declareAgain(of: (stack: TerraformStack) => Pick<MailDomainOptions, "certificate" | "issuer">) {
      const { stack } = declare();
      const hosts = [hostOf(stack, "mx2")];
      const other = new MailSni(stack, "other", { hosts, defaultDomain: "domain1.tld" });
      other.addDomain("domain1.tld", of(stack));
      return () => synthesized(stack).output.mail_sni.value.certificates["domain1.tld"];
    }

    it("WHEN another issuer or another program issues it there THEN it is refused: the output could have one only", () => {
      const refusal =
        /domain1\.tld has two certificates in one stack: those of stack\/sni\/domain1\.tld and stack\/other\/domain1\.tld/;
      expect(declareAgain((stack) => ({ issuer: acmeIssuer(stack) }))).toThrow(refusal);
      const certificate = Certificate.fromCombinedPem("${var.pem}");
      expect(declareAgain(() => ({ certificate }))).toThrow(refusal);
    });

    it("WHEN it is the same certificate THEN the output has it", () => {
      const facts = declareAgain((stack) => ({
        certificate: (stack.node.findChild("sni") as MailSni).domains[0]?.certificate as ICertificate,
      }));
      expect(facts()).toMatchObject({ issuer: "mailsni_private_ca.ca_ca" });
    });
  });

  it("GIVEN hosts that issue one each for the same domain THEN it has all of these hosts, and what the stack issues", () => {
    const { stack } = declare();
    for (const id of ["mx3", "mx2"]) {
      const host = MailHost.ssh(stack, id, { address: `root@${id}.tld`, services: quietServices() });
      const challenge = DehydratedChallenge.dnsHook("/opt/hook");
      const issuer = DehydratedIssuer.letsEncrypt(stack, `dehydrated-${id}`, { host, challenge });
      const sni = new MailSni(stack, `sni-${id}`, { hosts: [host], issuer, defaultDomain: "a.tld" });
      for (const domain of ["a.tld", "domain1.tld"]) sni.addDomain(domain);
    }
    expect(synthesized(stack).output.mail_sni.value.certificates).toMatchObject({
      "a.tld": { hosts: ["mx2", "mx3"], issuer: "https://acme-v02.api.letsencrypt.org/directory" },
      "domain1.tld": {
        hosts: ["mx2", "mx3"],
        issuer: "mailsni_private_ca.ca_ca",
        not_after: expect.anything(),
      },
    });
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
