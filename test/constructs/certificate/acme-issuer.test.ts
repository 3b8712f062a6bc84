import { Fn, type TerraformStack, TerraformVariable } from "cdktf";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  AcmeIssuer,
  Challenge,
  Dovecot,
  HostNames,
  KeyAlgorithm,
  MailHost,
  MailSni,
  MailSniError,
} from "../../../lib";
import { resolved, synthesized, testStack } from "../../support/synthesized";
import { said } from "../sni/support/said";

const challenge = Challenge.httpWebroot("/var/www/acme");
const request = { domain: "a.tld", names: ["a.tld", "imap.a.tld", "pop.a.tld"] };

describe("AcmeIssuer", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is an account of which only what was given is set, and certificates under addresses of their domains' names", () => {
    const stack = testStack();
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", { contact: "x@a.tld", challenge });
    issuer.issueCertificate(stack, "c", request);

    const { mailsni_acme_account, mailsni_acme_certificate } = synthesized(stack).resource;
    expect(mailsni_acme_account).toEqual({
      acme_le: {
        directory_url: "https://acme-v02.api.letsencrypt.org/directory",
        contact: ["x@a.tld"],
        terms_of_service_agreed: true,
      },
    });
    expect(mailsni_acme_certificate).toEqual({
      c_a_tld: {
        directory_url: "https://acme-v02.api.letsencrypt.org/directory",
        account_url: "${mailsni_acme_account.acme_le.url}",
        account_key_pem: "${mailsni_acme_account.acme_le.private_key_pem}",
        names: ["imap.a.tld"],
        optional_names: ["a.tld", "pop.a.tld"],
        challenge: { webroot: "/var/www/acme" },
      },
    });
  });

  it("GIVEN files to adopt THEN the provider has those of each domain, relative to the stack's directory", () => {
    const stack = testStack();
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", {
      challenge,
      adoptAccountKey: "keys/account.pem",
      adoptFrom: {
        certificate: "keys/{domain}/fullchain.pem",
        privateKey: "/etc/keys/{domain}/{domain}.key",
      },
    });
    issuer.issueCertificate(stack, "c", request);
    const adoptFrom = { certificate: "/one.pem", privateKey: "/one.pem" };
    issuer.issueCertificate(stack, "d", { domain: "b.tld", names: ["b.tld"], adoptFrom });
    const { mailsni_acme_account, mailsni_acme_certificate } = synthesized(stack).resource;
    const up = /^(\.\.\/)+([^.].*)$/;
    expect(up.exec(mailsni_acme_account.acme_le.adopt_key_file)?.[2]).toMatch(/keys\/account\.pem$/);
    expect(up.exec(mailsni_acme_certificate.c_a_tld.adopt_certificate_file)?.[2]).toMatch(
      /keys\/a\.tld\/fullchain\.pem$/,
    );
    expect(mailsni_acme_certificate.c_a_tld).toMatchObject({
      adopt_private_key_file: "/etc/keys/a.tld/a.tld.key",
      adopt_ordered_by: "${mailsni_acme_account.acme_le.adopted_url}",
    });
    expect(mailsni_acme_certificate.c_b_tld).toMatchObject({
      adopt_certificate_file: "/one.pem",
      adopt_private_key_file: "/one.pem",
    });
  });

  it("GIVEN an invalid path, or one that only an engine knows THEN refuses it", () => {
    const stack = testStack();
    for (const [index, path] of ["", "a\n", "${path.module}/key", Fn.file("x")].entries()) {
      expect(() => AcmeIssuer.letsEncrypt(stack, `le${index}`, { challenge, adoptAccountKey: path })).toThrow(
        expect.objectContaining({ code: "ADOPTION_PATH" }),
      );
    }
  });

  it.each([
    [{ profile: "" }, "profile"],
    [{ preferredChain: "" }, "preferredChain"],
    [{ externalAccount: { keyId: "", hmacKey: "x" } }, "externalAccount"],
    [{ externalAccount: { keyId: "x", hmacKey: "" } }, "externalAccount"],
  ])("GIVEN %j THEN refuses the empty text, which the CA would get", (props, member) => {
    expect(() =>
      AcmeIssuer.directory(testStack(), "own", "https://ca.tld/acme", { challenge, ...props }),
    ).toThrow(
      expect.objectContaining({ code: "ACME_EMPTY_TEXT", remedy: `Give a value, or leave ${member} out.` }),
    );
  });

  it("GIVEN labels in upper case or as Unicode THEN they are the names that they mean", () => {
    const stack = testStack();
    const issuer = AcmeIssuer.directory(stack, "own", "https://ca.tld/dir", {
      challenge: Challenge.httpWebroot("/var/www"),
      optionalLabels: ["POP", "büro"],
    });
    const names = ["a.tld", "pop.a.tld", "xn--bro-hoa.a.tld"];
    issuer.issueCertificate(stack, "c", { domain: "a.tld", names });
    expect(synthesized(stack).resource.mailsni_acme_certificate.c_a_tld).toMatchObject({
      names: ["a.tld"],
      optional_names: ["pop.a.tld", "xn--bro-hoa.a.tld"],
    });
  });

  it("GIVEN labels that the engine alone knows THEN it is refused as an expression", () => {
    const stack = testStack();
    const optionalLabels = new TerraformVariable(stack, "labels", { type: "list(string)" }).listValue;
    const issuer = AcmeIssuer.directory(stack, "own", "https://ca.tld/dir", {
      challenge: Challenge.httpWebroot("/var/www"),
      optionalLabels,
    });
    expect(() => issuer.issueCertificate(stack, "c", { domain: "a.tld", names: ["a.tld"] })).toThrow(
      expect.objectContaining({ code: "HOST_NAME_NOT_LITERAL" }),
    );
  });

  it("hands on what was given, with keys that come from ephemeral variables", () => {
    const stack = testStack();
    const variable = (name: string) =>
      new TerraformVariable(stack, name, { type: "string", sensitive: true }).stringValue;
    const issuer = AcmeIssuer.directory(stack, "own", "https://ca.tld/dir", {
      challenge: Challenge.dnsHook(["./hooks/dns.sh", "x"], {
        chain: true,
        propagationSeconds: 5,
        lookFirst: false,
      }),
      caCertificate: "PEM",
      accountKey: variable("key"),
      externalAccount: { keyId: "kid", hmacKey: variable("hmac") },
      keyAlgorithm: KeyAlgorithm.RSA_2048,
      reuseKey: true,
      optionalLabels: [],
      reissue: "1",
      maxNewOrdersPerRun: 50,
    });
    issuer.issueCertificate(stack, "c", { domain: "a.tld", names: ["a.tld", "*.a.tld"] });

    const { mailsni_acme_account, mailsni_acme_certificate } = synthesized(stack).resource;
    expect(mailsni_acme_account.acme_own).toMatchObject({
      directory_ca_pem: "PEM",
      account_key_pem: "${var.key}",
      external_account_key_id: "kid",
      external_account_hmac_key: "${var.hmac}",
    });
    const { hook, ...rest } = mailsni_acme_certificate.c_a_tld.challenge;
    expect(hook).toEqual([expect.stringMatching(/^\.\..*\/hooks\/dns\.sh$/), "x"]);
    expect(rest).toEqual({ hook_chain: true, propagation_seconds: 5, look_first: false });
    expect(mailsni_acme_certificate.c_a_tld).toMatchObject({
      names: ["a.tld", "*.a.tld"],
      account_key_pem: "${var.key}",
      key_algorithm: "RSA-2048",
      reuse_key: true,
      reissue: "1",
      max_new_orders_per_run: 50,
    });
    expect(mailsni_acme_certificate.c_a_tld).not.toHaveProperty("optional_names");
  });

  it("orders a wildcard without the names that it covers, and has entries for all of them", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { root: "/tmp/mx1", services: [Dovecot.v23()] });
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", { challenge: Challenge.dnsHook(["hook"]) });
    const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "a.tld" });
    const added = sni.addDomain("a.tld", { names: HostNames.core().plus(HostNames.subdomains("*")) });

    const { mailsni_acme_certificate, mailsni_host_files } = synthesized(stack).resource;
    expect(mailsni_acme_certificate.c_a_tld).toMatchObject({ names: ["*.a.tld"], optional_names: ["a.tld"] });
    expect(added.certificate).toMatchObject({ dnsNames: ["a.tld", "*.a.tld"], optionalNames: ["a.tld"] });
    const covered = ["imap.a.tld", "mail.a.tld", "pop.a.tld", "pop3.a.tld", "smtp.a.tld"];
    expect(mailsni_host_files.d_a_tld__mx1.names).toEqual(covered);
    for (const name of covered) expect(JSON.stringify(mailsni_host_files.d_a_tld__mx1.files)).toContain(name);
    const many = HostNames.subdomains("*", ...Array.from({ length: 150 }, (_, index) => `h${index}`));
    sni.addDomain("b.tld", { names: many });
  });

  it("requires a name where all would be optional", () => {
    const stack = testStack();
    const issuer = AcmeIssuer.letsEncryptStaging(stack, "le", { challenge });
    const certificate = issuer.issueCertificate(stack, "c", { domain: "a.tld", names: ["a.tld"] });
    expect(certificate.optionalNames).toEqual([]);
    expect(resolved(stack, certificate.combinedPem(stack))).toContain("acme_certificate.c_a_tld.chain_pem}");
    expect(resolved(stack, issuer.accountUrl)).toContain("acme_le.url}");
  });

  it("has hosts serve optional names, and not refuse a certificate without them", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { root: "/tmp/mx1", services: [Dovecot.v23()] });
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", { challenge });
    const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "a.tld" });
    sni.addDomain("a.tld", { names: HostNames.of("a.tld", "imap.a.tld", "pop.a.tld") });

    const files = synthesized(stack).resource.mailsni_host_files;
    expect(files.d_a_tld__mx1.names).toEqual(["imap.a.tld"]);
    expect(files.default__mx1.names).toEqual(["imap.a.tld"]);
    expect(JSON.stringify(files.d_a_tld__mx1.files)).toContain("pop.a.tld");
  });

  function add(profile: string | undefined, runIntervalHours: number): TerraformStack {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { root: "/tmp/mx1", services: [Dovecot.v23()] });
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", { challenge, profile });
    const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "a.tld", runIntervalHours });
    sni.addDomain("a.tld");
    sni.addDomain("b.tld");
    return stack;
  }

  it.each([
    ["2026-12-01", "shortlived", 39],
    ["2026-12-01", "tlsserver", 174],
    ["2026-12-01", undefined, 349],
    ["2027-02-09", "classic", 349],
    ["2027-02-10", "classic", 248],
    ["2028-02-15", "classic", 248],
    ["2028-02-16", "classic", 174],
  ])(
    "GIVEN the %s and the profile %s THEN a deploy has to run at least every %i hours",
    (day, profile, longest) => {
      vi.useFakeTimers({ toFake: ["Date"], now: new Date(`${day}T12:00:00Z`) });
      const { mailsni_acme_certificate } = synthesized(add(profile, longest)).resource;
      expect(mailsni_acme_certificate.c_a_tld).toMatchObject({ run_interval_hours: longest });
      expect(() => add(profile, longest + 1)).toThrow(
        new RegExp(`every ${longest + 1} hours.*Run a deploy at least every ${longest} hours.*SNI013`, "s"),
      );
    },
  );

  it("warns once of a day from which on the CA's certificates live too short, and not of what will do", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-12-01T12:00:00Z") });
    const warnings = (hours: number) =>
      said(add(undefined, hours)).warnings.filter((text) => text.includes("SNI013"));
    expect(warnings(168)).toEqual([]);
    expect(warnings(240)).toEqual([
      expect.stringMatching(/From 2028-02-16 on, .* 1080 hours.* every 174 hours/),
    ]);
    expect(warnings(336)).toEqual([
      expect.stringMatching(/From 2027-02-10 on, .* 1536 hours.* every 248 hours/),
      expect.stringContaining("From 2028-02-16 on"),
    ]);
  });

  it.each([0, -24, Number.NaN, 9000])("refuses %d hours between deploys", (hours) => {
    expect(() => add(undefined, hours)).toThrow(/RUN_INTERVAL/);
  });

  it("refuses what the CA would refuse", () => {
    const stack = testStack();
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", { challenge });
    const issue = (...names: string[]) => issuer.issueCertificate(stack, "c", { domain: "a.tld", names });
    const own = AcmeIssuer.directory(stack, "own", "https://ca.tld/dir", { challenge });
    for (const names of [["*.a.tld"], ["a.internal"], ["host.local"], ["1.home.arpa"]]) {
      expect(() => issue(...names)).toThrow(MailSniError);
    }
    expect(() => issue(...Array.from({ length: 101 }, (_, index) => `${index}.a.tld`))).toThrow(/SNI012/);
    own.issueCertificate(stack, "d", { domain: "b.internal", names: ["b.internal"] });
  });
});
