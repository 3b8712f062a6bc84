import { TerraformStack, TerraformVariable } from "cdktf";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  Certificate,
  Dovecot,
  HostNames,
  MailHost,
  MailSni,
  type MailSniProps,
  PrivateCa,
  Qmail,
} from "../../../lib";
import { issue } from "../../support/certificates";
import { type Json, synthesized, testApp, testStack } from "../../support/synthesized";

interface Declared {
  readonly stack: TerraformStack;
  readonly mx1: MailHost;
  readonly ca: PrivateCa;
  readonly sni: MailSni;
}

function declare(props: Partial<MailSniProps> = {}, services = [Qmail.standard(), Dovecot.v23()]): Declared {
  const stack = testStack();
  const mx1 = MailHost.local(stack, "mx1", { services });
  const ca = new PrivateCa(stack, "ca");
  const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer: ca, defaultDomain: "domain1.tld", ...props });
  return { stack, mx1, ca, sni };
}

function refusal(code: string, ...mentioned: string[]) {
  const problem = expect.stringMatching(new RegExp(mentioned.map((text) => `(?=.*${text})`).join(""), "s"));
  return expect.objectContaining({ code, problem });
}

describe("MailSni", () => {
  it("has a certificate issued for each domain, and its files on each host in one resource", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain1.tld");
    sni.addDomain("domain2.tld", { names: HostNames.of("domain2.tld", "smtp.domain2.tld") });

    const { mailsni_private_certificate: certificates, mailsni_host_files: files } =
      synthesized(stack).resource;

    expect(Object.keys(certificates)).toEqual(["c_domain1_tld", "c_domain2_tld"]);
    expect(Object.keys(files)).toEqual([
      "base__mx1",
      "d_domain1_tld__mx1",
      "d_domain2_tld__mx1",
      "default__mx1",
    ]);
    expect(files.d_domain2_tld__mx1).toMatchObject({
      host: "mx1",
      names: ["domain2.tld", "smtp.domain2.tld"],
      files: {
        "/var/qmail/control/servercerts/domain2.tld/servercert.pem": {
          service: "qmail",
          mode: "0640",
          owner: "root",
          group: "vchkpw",
        },
        "/etc/dovecot/mail-sni/domain2.tld.pem": { service: "dovecot" },
        "/etc/dovecot/mail-sni/2.3/domain2.tld.conf": { service: "dovecot", text: expect.any(String) },
      },
      links: {
        "/var/qmail/control/servercerts/smtp.domain2.tld/servercert.pem": "../domain2.tld/servercert.pem",
      },
    });
  });

  it("has no secret but what has a file, and no file without contents", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain1.tld");

    for (const { files, secrets = {} } of Object.values<Json>(
      synthesized(stack).resource.mailsni_host_files,
    )) {
      const withoutText = Object.keys(files).filter((path) => files[path].text === undefined);
      expect(Object.keys(secrets)).toEqual(withoutText);
    }
  });

  it("presents the default domain's certificate by default as well as under its own names", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain1.tld");

    const { default__mx1: slot, d_domain1_tld__mx1: own } = synthesized(stack).resource.mailsni_host_files;

    expect(slot).toMatchObject({
      role: "default",
      files: {
        "/var/qmail/control/servercert.pem": { on_destroy: "keep" },
        "/etc/dovecot/mail-sni/default.pem": { on_destroy: "keep" },
        "/etc/dovecot/conf.d/99-mail-sni-default.conf": { on_destroy: "keep" },
      },
    });
    expect(Object.values(slot.secrets)).toEqual(Object.values(own.secrets));
    expect(own).not.toHaveProperty("role");
  });

  it("has another default change one slot alone", () => {
    const resources = ["domain1.tld", "domain2.tld"].map((defaultDomain) => {
      const { stack, sni } = declare({ defaultDomain });
      for (const domain of ["domain1.tld", "domain2.tld"]) sni.addDomain(domain);
      const { default__mx1, ...others } = synthesized(stack).resource.mailsni_host_files;
      return { slot: default__mx1, others };
    });

    expect(resources[1]?.others).toEqual(resources[0]?.others);
    expect(Object.keys(resources[1]?.slot.files)).toEqual(Object.keys(resources[0]?.slot.files));
  });

  it("folds case and encodes Unicode, in addresses as well", () => {
    const { stack, sni } = declare({ defaultDomain: "BÜCHER.example" });
    const domain = sni.addDomain("Bücher.Example");

    expect(domain.name).toBe("xn--bcher-kva.example");
    expect(synthesized(stack).resource.mailsni_host_files).toHaveProperty("d_xn--bcher-kva_example__mx1");
  });

  it("serves a domain on some of the hosts, from another issuer", () => {
    const { stack, mx1, ca } = declare({ defaultDomain: undefined });
    const mx2 = MailHost.local(stack, "mx2", { root: "./out/mx2", services: [Dovecot.v24()] });
    const sni = new MailSni(stack, "both", { hosts: [mx1, mx2], issuer: ca, defaultDomain: "a.tld" });
    sni.addDomain("a.tld");
    sni.addDomain("b.tld", { hosts: [mx2], issuer: new PrivateCa(stack, "other") });
    stack.node.tryRemoveChild("sni");

    const { mailsni_host_files: files, mailsni_private_certificate: certificates } =
      synthesized(stack).resource;

    expect(Object.keys(files).filter((id) => id.startsWith("d_b_tld"))).toEqual(["d_b_tld__mx2"]);
    expect(certificates.c_b_tld.ca_certificate_pem).toContain("ca_other");
  });

  it("presents a certificate that comes from elsewhere, whatever expression it is", () => {
    const { stack, sni } = declare();
    const pem = new TerraformVariable(stack, "pem", { type: "string", sensitive: true }).stringValue;
    sni.addDomain("domain1.tld", { certificate: Certificate.fromCombinedPem(pem) });

    const { resource } = synthesized(stack);

    expect(resource).not.toHaveProperty("mailsni_private_certificate");
    expect(
      resource.mailsni_host_files.d_domain1_tld__mx1.secrets["/etc/dovecot/mail-sni/domain1.tld.pem"],
    ).toBe("${chomp(var.pem)}\n");
  });

  it("lets two hosts of two MailSni share a certificate", () => {
    const { stack, sni } = declare();
    const first = sni.addDomain("domain1.tld");
    const mx2 = MailHost.local(stack, "mx2", { root: "./out/mx2", services: [Dovecot.v24()] });
    const other = new MailSni(stack, "other", { hosts: [mx2], defaultDomain: "domain1.tld" });
    other.addDomain("domain1.tld", { certificate: first.certificate });

    const { mailsni_host_files: files, mailsni_private_certificate: certificates } =
      synthesized(stack).resource;

    expect(Object.keys(certificates)).toEqual(["c_domain1_tld"]);
    expect(files.d_domain1_tld__mx2.secrets["/etc/dovecot/mail-sni/domain1.tld.pem"]).toContain(
      "c_domain1_tld",
    );
  });

  it("lets a wildcard be in a certificate for Dovecot, never an entry", () => {
    const { stack, sni } = declare({}, [Dovecot.v24()]);
    sni.addDomain("domain1.tld", { names: HostNames.of("domain1.tld", "*.domain1.tld") });

    const { resource } = synthesized(stack);

    expect(resource.mailsni_private_certificate.c_domain1_tld.names).toContain("*.domain1.tld");
    expect(resource.mailsni_host_files.d_domain1_tld__mx1.names).toEqual(["domain1.tld"]);
  });

  it("depends on the order of declarations in nothing", () => {
    const domains = ["a.tld", "b.tld", "a.b.tld", "ab.tld", "c.co.uk"];

    fc.assert(
      fc.property(fc.shuffledSubarray(domains, { minLength: domains.length }), (order) => {
        const { stack, sni } = declare({ defaultDomain: "a.tld" });
        for (const domain of order) sni.addDomain(domain);
        const { stack: sorted, sni: reference } = declare({ defaultDomain: "a.tld" });
        for (const domain of domains) reference.addDomain(domain);

        expect(synthesized(stack)).toEqual(synthesized(sorted));
      }),
      { numRuns: 10 },
    );
  });

  it("has a domain more or less change the resources of that domain alone", () => {
    const resources = [
      ["a.tld", "b.tld", "c.tld"],
      ["a.tld", "c.tld"],
    ].map((domains) => {
      const { stack, sni } = declare({ defaultDomain: "a.tld" });
      for (const domain of domains) sni.addDomain(domain);
      return synthesized(stack).resource;
    });
    const [all, fewer] = resources as [Json, Json];

    delete all.mailsni_host_files.d_b_tld__mx1;
    delete all.mailsni_private_certificate.c_b_tld;
    expect(all).toEqual(fewer);
  });

  describe("refuses", () => {
    it("a name that another domain has on the host, and names both", () => {
      const { sni } = declare();
      sni.addDomain("domain1.tld");

      expect(() => sni.addDomain("imap.domain1.tld", { names: HostNames.of("IMAP.domain1.tld") })).toThrow(
        refusal(
          "SNI001",
          "imap.domain1.tld",
          '"mx1"',
          "domain1.tld of stack/sni",
          "imap.domain1.tld of stack/sni",
        ),
      );
    });

    it("a name that a domain of another MailSni has on the host", () => {
      const { stack, mx1, ca, sni } = declare();
      sni.addDomain("domain1.tld");
      const other = new MailSni(stack, "other", { hosts: [mx1], issuer: ca });

      expect(() => other.addDomain("b.tld", { names: HostNames.of("smtp.domain1.tld") })).toThrow(
        refusal("SNI001", "domain1.tld of stack/sni", "b.tld of stack/other"),
      );
    });

    it("a domain twice, also with other names", () => {
      const { stack, mx1, ca, sni } = declare();
      sni.addDomain("domain1.tld");
      const other = new MailSni(stack, "other", { hosts: [mx1], issuer: ca });

      expect(() => sni.addDomain("DOMAIN1.tld", { names: HostNames.of("x.tld") })).toThrow(
        refusal("DOMAIN_TWICE"),
      );
      expect(() => other.addDomain("domain1.tld", { names: HostNames.of("x.tld") })).toThrow(
        refusal("DOMAIN_TWICE", "stack/sni", "stack/other"),
      );
    });

    it("one domain's certificate twice in a stack, at the latest when it is synthesized", () => {
      const { stack, ca, sni } = declare();
      sni.addDomain("domain1.tld");
      const mx2 = MailHost.local(stack, "mx2", { root: "./out/mx2", services: [Dovecot.v24()] });
      new MailSni(stack, "other", { hosts: [mx2], issuer: ca, defaultDomain: "domain1.tld" }).addDomain(
        "domain1.tld",
      );

      expect(() => synthesized(stack)).toThrow(/mailsni_private_certificate\.c_domain1_tld.*\[SNI003\]/);
    });

    it("a default domain that is never declared", () => {
      const { stack, sni } = declare({ defaultDomain: "domain3.tld" });
      sni.addDomain("domain1.tld");

      expect(() => synthesized(stack)).toThrow(/domain3\.tld.*domain1\.tld.*\[DEFAULT_NOT_DECLARED\]/);
    });

    it("to leave a host without a default", () => {
      const { stack, sni } = declare({ defaultDomain: undefined });
      sni.addDomain("domain1.tld");

      expect(() => synthesized(stack)).toThrow(/mx1.*\[SNI002\]/);
    });

    it("two defaults on one host, and names both", () => {
      const { stack, mx1, ca } = declare();

      expect(() => new MailSni(stack, "other", { hosts: [mx1], issuer: ca, defaultDomain: "b.tld" })).toThrow(
        refusal("DEFAULT_TWICE", "domain1.tld of stack/sni", "b.tld of stack/other"),
      );
    });

    it("a default domain that leaves out a host", () => {
      const { stack, mx1, ca } = declare({ defaultDomain: undefined });
      const mx2 = MailHost.local(stack, "mx2", { root: "./out/mx2", services: [Dovecot.v24()] });
      const sni = new MailSni(stack, "both", { hosts: [mx1, mx2], issuer: ca, defaultDomain: "a.tld" });

      expect(() => sni.addDomain("a.tld", { hosts: [mx1] })).toThrow(
        refusal("DEFAULT_NOT_EVERYWHERE", "mx2"),
      );
    });

    it("a host that the MailSni does not have", () => {
      const { stack, sni } = declare();
      const mx2 = MailHost.local(stack, "mx2", { root: "./out/mx2", services: [Dovecot.v24()] });

      expect(() => sni.addDomain("b.tld", { hosts: [mx2] })).toThrow(
        refusal("HOST_NOT_DECLARED", "mx2", "mx1"),
      );
    });

    it("a host of another stack", () => {
      const app = testApp();
      const [one, other] = [new TerraformStack(app, "one"), new TerraformStack(app, "other")];
      const mx1 = MailHost.local(one, "mx1", { services: [Qmail.standard()] });

      expect(() => new MailSni(other, "sni", { hosts: [mx1] })).toThrow(
        refusal("HOST_IN_ANOTHER_STACK", "one", "other"),
      );
    });

    it("no host at all", () => {
      const { stack, sni } = declare();

      expect(() => new MailSni(stack, "empty", { hosts: [] })).toThrow(refusal("HOSTS_EMPTY", "stack/empty"));
      expect(() => sni.addDomain("b.tld", { hosts: [] })).toThrow(refusal("HOSTS_EMPTY", "b.tld"));
    });

    it("no domain at all", () => {
      expect(() => synthesized(declare().stack)).toThrow(/\[DOMAIN_LIST_EMPTY\]/);
    });

    it("a wildcard for qmail, and asks for a list", () => {
      const { sni } = declare();

      expect(() =>
        sni.addDomain("domain1.tld", { names: HostNames.of("domain1.tld", "*.domain1.tld") }),
      ).toThrow(refusal("SNI004", "domain1.tld"));
    });

    it("to choose a private CA by itself", () => {
      expect(() => declare({ issuer: undefined }).sni.addDomain("domain1.tld")).toThrow(
        refusal("ISSUER_MISSING"),
      );
    });

    it("two sources of one certificate", () => {
      const { sni, ca } = declare();
      const certificate = Certificate.fromCombinedPem("${var.pem}");

      expect(() => sni.addDomain("domain1.tld", { issuer: ca, certificate })).toThrow(
        refusal("CERTIFICATE_AND_ISSUER"),
      );
    });

    it("a token for a domain", () => {
      const { stack, sni } = declare();
      const domain = new TerraformVariable(stack, "domain", { type: "string" }).stringValue;

      expect(() => sni.addDomain(domain)).toThrow(refusal("HOST_NAME_NOT_LITERAL"));
    });

    it.each([
      "",
      "localhost",
      "a_b.tld",
      "192.0.2.1",
      "*.tld",
      `${"x".repeat(64)}.tld`,
      `${"x.".repeat(126)}tld`,
    ])("%j for a domain", (domain) => {
      expect(() => declare().sni.addDomain(domain)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^HOST_NAME_/) }),
      );
    });

    it("a domain so long that the names below it are none, and says which domain it is", () => {
      const domain = `${"x".repeat(62)}.${"y".repeat(62)}.${"z".repeat(62)}.${"w".repeat(60)}`;

      expect(() => declare().sni.addDomain(domain)).toThrow(refusal("HOST_NAME_TOO_LONG", "xxxx", "mail\\."));
    });
  });

  describe("with a literal certificate", () => {
    let pem: string;

    beforeAll(async () => {
      const { keyPem, pem: leaf } = await issue({ dnsNames: ["domain1.tld"] });
      pem = keyPem + leaf;
    });

    it("refuses names that it does not cover, and says whose certificate it is", () => {
      expect(() =>
        declare().sni.addDomain("domain1.tld", { certificate: Certificate.fromCombinedPem(pem) }),
      ).toThrow(refusal("CERTIFICATE_NAMES_MISSING", "domain1.tld", "imap.domain1.tld"));
    });

    it("warns where most clients could not complete the chain", async () => {
      const ca = await issue({ ca: true, subject: "CN=ca" });
      const { keyPem, pem: leaf } = await issue({
        issuer: ca,
        subject: "CN=leaf",
        dnsNames: ["domain1.tld"],
        caIssuersUrl: "http://ca.tld/ca.der",
      });
      const { sni } = declare();

      const domain = sni.addDomain("domain1.tld", {
        names: HostNames.of("domain1.tld"),
        certificate: Certificate.fromPem({ privateKey: keyPem, certificate: leaf }),
      });

      expect(domain.node.metadata.map(({ data }) => data)).toContainEqual(
        expect.stringContaining("[CHAIN_MISSING]"),
      );
    });

    it("takes it for the names that it covers", () => {
      const { stack, sni } = declare();
      sni.addDomain("domain1.tld", {
        names: HostNames.of("domain1.tld"),
        certificate: Certificate.fromCombinedPem(pem),
      });

      expect(
        synthesized(stack).resource.mailsni_host_files.default__mx1.secrets[
          "/var/qmail/control/servercert.pem"
        ],
      ).toBe(pem);
    });
  });
});
