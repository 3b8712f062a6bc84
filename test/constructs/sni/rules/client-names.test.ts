import { describe, expect, it } from "vitest";
import { Dovecot, HostNames, MailProtocol, MailSni, Qmail, QmailSmtps, Service } from "../../../../lib";
import { declare, hostOf } from "../support/declare";
import { said } from "../support/said";

describe("SNI006: a name that mail clients try is not declared", () => {
  it("names the domain, what is missing, and the host", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain2.tld", { names: HostNames.subdomains("mail", "imap", "smtp") });

    expect(said(stack).warnings).toEqual([
      expect.stringMatching(
        /^stack\/sni\/domain2\.tld: .* servers of domain2\.tld try domain2\.tld, pop3\.domain2\.tld, pop\.domain2\.tld too, .* mx1 .*\[SNI006\]$/,
      ),
    ]);
  });

  it.each([
    ["the usual names", HostNames.core()],
    ["all that is known", HostNames.extended()],
  ])("says nothing of %s", (_, names) => {
    const { stack, sni } = declare();
    sni.addDomain("domain2.tld", { names });

    expect(said(stack).warnings).toEqual([]);
  });

  it.each([
    ["that sends", [Qmail.standard({ smtps: QmailSmtps.PER_NAME })], ["smtp", "mail"]],
    [
      "with IMAP",
      [Dovecot.v24({ endpoints: [{ port: 993, protocol: MailProtocol.TLS }] })],
      ["imap", "mail"],
    ],
    [
      "with POP3",
      [Dovecot.v24({ endpoints: [{ port: 110, protocol: MailProtocol.POP3 }] })],
      ["pop", "pop3", "mail"],
    ],
    ["with nothing that is confirmed", [Dovecot.v24({ endpoints: [] })], ["webmail"]],
  ])("asks of a host %s for no more than that", (_, services, labels) => {
    const { stack, sni } = declare(services);
    const names = HostNames.of("domain2.tld").plus(HostNames.subdomains(...labels));
    sni.addDomain("domain2.tld", { names });

    expect(said(stack).warnings).toEqual([]);
  });

  it("does not ask for names at ports where names do not matter", () => {
    const submissions = [{ port: 465, protocol: MailProtocol.TLS, sni: false }];
    const { stack, sni } = declare([Qmail.standard({ endpoints: submissions })]);
    sni.addDomain("domain2.tld", { names: HostNames.of("domain2.tld") });

    expect(said(stack).warnings.filter((message) => message.includes("SNI006"))).toEqual([]);
  });

  it("counts what another domain declares", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain2.tld", { names: HostNames.subdomains("imap", "smtp", "pop", "pop3") });
    sni.addDomain("mail.domain2.tld", { names: HostNames.of("mail.domain2.tld", "domain2.tld") });

    expect(said(stack).warnings).toEqual([expect.stringMatching(/servers of mail\.domain2\.tld try/)]);
  });

  it("says nothing where the default certificate is right for the name", () => {
    const names = HostNames.of("domain1.tld").plus(HostNames.subdomains("*"));
    const { stack } = declare([Dovecot.v23()], { names });

    expect(said(stack).warnings).toEqual([]);
  });

  it("is one message for all domains and hosts that lack the same", () => {
    const { stack, sni, issuer } = declare();
    const names = HostNames.subdomains("mail", "imap", "smtp", "pop", "pop3");
    for (const domain of ["domain2.tld", "domain3.tld"]) sni.addDomain(domain, { names });
    const hosts = [hostOf(stack, "mx2")];
    const second = new MailSni(stack, "second", { hosts, issuer, defaultDomain: "domain4.tld" });
    second.addDomain("domain4.tld", { names });

    expect(said(stack).warnings).toEqual([
      expect.stringMatching(
        /^stack: .*domain2\.tld, domain3\.tld, domain4\.tld try the domain itself too, which is not .* mx1, mx2 /,
      ),
    ]);
  });

  it("knows nothing of a server whose ports say neither what is read there nor sent", () => {
    const service = Service.custom({
      name: "other",
      pemPath: "/etc/other/{name}.pem",
      defaultPemPath: "/etc/other/default.pem",
      endpoints: [{ port: 4190, protocol: MailProtocol.SIEVE }],
    });
    const { stack, sni } = declare([service]);
    sni.addDomain("domain2.tld", { names: HostNames.subdomains("sieve") });

    expect(said(stack).warnings).toEqual([]);
  });
});
