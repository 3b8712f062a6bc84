import { TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import { Dovecot, KeyAlgorithm, MailHost, MailSni, PrivateCa } from "../../../lib";
import { resolved, synthesized, testApp, testStack } from "../../support/synthesized";

describe("PrivateCa", () => {
  it("is a resource of which only what was given is set", () => {
    const stack = testStack();
    new PrivateCa(stack, "lab", { commonName: "Lab CA", validityHours: 8760 });

    expect(synthesized(stack).resource.mailsni_private_ca).toEqual({
      ca_lab: { common_name: "Lab CA", validity_hours: 8760 },
    });
  });

  it("issues a certificate under an address of the domain's name", () => {
    const stack = testStack();
    const ca = new PrivateCa(stack, "ca", {
      certificates: { keyAlgorithm: KeyAlgorithm.RSA_3072, validityHours: 24 },
    });
    ca.issueCertificate(stack, "anything", { domain: "a.b.tld", names: ["a.b.tld", "*.a.b.tld"] });

    expect(synthesized(stack).resource.mailsni_private_certificate).toEqual({
      c_a_b_tld: {
        names: ["a.b.tld", "*.a.b.tld"],
        ca_certificate_pem: "${mailsni_private_ca.ca_ca.certificate_pem}",
        ca_private_key_pem: "${mailsni_private_ca.ca_ca.private_key_pem}",
        key_algorithm: "RSA-3072",
        validity_hours: 24,
      },
    });
  });

  it.each([
    ["90 days, of which 30 are left at the renewal", {}, 360],
    [
      "a month, renewed in its last week",
      { certificates: { validityHours: 720, renewBeforeHours: 168 } },
      84,
    ],
    ["90 days, of a CA that is renewed in its last day", { validityHours: 8760, renewBeforeHours: 24 }, 12],
  ])("is enough for a deploy every so often: %s", (_, props, longest) => {
    const add = (runIntervalHours: number) => {
      const stack = testStack();
      const hosts = [MailHost.local(stack, "mx1", { root: "/tmp/mx1", services: [Dovecot.v23()] })];
      const issuer = new PrivateCa(stack, "ca", props);
      const sni = new MailSni(stack, "sni", { hosts, issuer, defaultDomain: "a.tld", runIntervalHours });
      return sni.addDomain("a.tld");
    };
    expect(add(longest).certificate.longestRunIntervalHours).toBe(longest);
    expect(() => add(longest + 1)).toThrow(/SNI013/);
  });

  it("hands out the certificate as one PEM: key, leaf, chain", () => {
    const stack = testStack();
    const certificate = new PrivateCa(stack, "ca").issueCertificate(stack, "c", {
      domain: "a.tld",
      names: ["a.tld"],
    });

    expect(resolved(stack, certificate.combinedPem(stack))).toBe(
      "${mailsni_private_certificate.c_a_tld.private_key_pem}${mailsni_private_certificate.c_a_tld.certificate_pem}" +
        "${mailsni_private_certificate.c_a_tld.chain_pem}",
    );
  });

  it("works across stacks", () => {
    // GIVEN a CA, a certificate of it, and a use of that, each in a stack of its own
    const app = testApp();
    const [authority, issued, used] = ["authority", "issued", "used"].map(
      (id) => new TerraformStack(app, id),
    ) as [TerraformStack, TerraformStack, TerraformStack];
    const certificate = new PrivateCa(authority, "ca").issueCertificate(issued, "c", {
      domain: "a.tld",
      names: ["a.tld"],
    });
    new TerraformOutput(used, "pem", { value: certificate.combinedPem(used), sensitive: true });

    // WHEN they are synthesized
    const { resource } = synthesized(issued);
    const { output } = synthesized(used);

    // THEN each refers to the outputs of the one before
    expect(resource.mailsni_private_certificate.c_a_tld.ca_private_key_pem).toMatch(
      /^\$\{data\.terraform_remote_state\..*mailsni_private_ca.*private_key_pem\}$/,
    );
    expect(output.pem.value).toMatch(/terraform_remote_state.*private_key_pem/);
  });

  it("issues for names that another domain wants covered, or refuses", () => {
    const stack = testStack();
    const names = ["a.tld", "*.a.tld"];
    const certificate = new PrivateCa(stack, "ca").issueCertificate(stack, "c", { domain: "a.tld", names });

    expect(certificate.check(["imap.a.tld"])).toEqual([]);
    expect(() => certificate.check(["b.tld"])).toThrow(
      expect.objectContaining({
        code: "CERTIFICATE_NAMES_MISSING",
        problem: expect.stringContaining("b.tld"),
      }),
    );
  });

  it.each([
    ["a validity of nothing", { validityHours: 0 }],
    ["half an hour", { validityHours: 0.5 }],
    ["a renewal before the issue", { validityHours: 24, renewBeforeHours: 24 }],
    ["a renewal behind the end", { renewBeforeHours: -1 }],
    ["a renewal before the issue of its certificates", { certificates: { renewBeforeHours: 2160 } }],
  ])("refuses %s", (_, props) => {
    expect(() => new PrivateCa(testStack(), "ca", props)).toThrow(
      expect.objectContaining({ code: "CA_VALIDITY" }),
    );
  });

  it("has its certificates keep their keys where that is asked for", () => {
    const stack = testStack();
    const ca = new PrivateCa(stack, "ca", { certificates: { reuseKey: true } });
    ca.issueCertificate(stack, "issued", { domain: "a.tld", names: ["a.tld"] });
    expect(synthesized(stack).resource.mailsni_private_certificate.c_a_tld.reuse_key).toBe(true);
  });

  it("leaves numbers to the provider that are known later only", () => {
    const stack = testStack();
    const hours = new TerraformVariable(stack, "hours", { type: "number" }).numberValue;

    expect(() => new PrivateCa(stack, "ca", { validityHours: hours, renewBeforeHours: 24 })).not.toThrow();
    expect(synthesized(stack).resource.mailsni_private_ca.ca_ca.validity_hours).toBe("${var.hours}");
  });

  it("refuses an id that cannot be told from another one in an address", () => {
    expect(() => new PrivateCa(testStack(), "lab_ca")).toThrow(
      expect.objectContaining({ code: "ID_INVALID" }),
    );
  });
});
