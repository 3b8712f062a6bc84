import { describe, expect, it } from "vitest";
import { HostNames, MailSni, Qmail, QmailSmtps } from "../../../../lib";
import { declare, hostOf } from "../support/declare";
import { said } from "../support/said";

describe("SNI009: a port presents the default certificate to all clients", () => {
  it("names the port, the server, whose certificate it is, and for whom that is not right", () => {
    const { stack, sni } = declare([Qmail.standard()]);
    sni.addDomain("domain2.tld", {
      names: HostNames.subdomains("mail", "smtp").plus(HostNames.of("domain2.tld")),
    });

    expect(said(stack).warnings).toEqual([
      expect.stringMatching(
        /^stack\/mx1: Port 465 of qmail on mx1 presents the certificate of domain1\.tld .* as domain2\.tld, mail\.domain2\.tld, smtp\.domain2\.tld warn.*\[SNI009\]$/,
      ),
    ]);
  });

  it("says nothing where the default certificate covers all names", () => {
    expect(said(declare([Qmail.standard()]).stack).warnings).toEqual([]);
  });

  it.each([QmailSmtps.PER_NAME, QmailSmtps.NONE])("says nothing of a qmail whose port is %s", (smtps) => {
    const { stack, sni } = declare([Qmail.standard({ smtps })]);
    sni.addDomain("domain2.tld");

    expect(said(stack).warnings).toEqual([]);
  });

  it("is one message for hosts with the same default, and one for each other default", () => {
    const { stack, mx1, issuer } = declare([Qmail.standard()]);
    const [mx2, mx3] = ["mx2", "mx3"].map((id) => hostOf(stack, id, [Qmail.standard()]));
    const second = new MailSni(stack, "second", {
      hosts: [mx2 as typeof mx1, mx3 as typeof mx1],
      issuer,
      defaultDomain: "domain2.tld",
    });
    for (const domain of ["domain2.tld", "domain3.tld"]) second.addDomain(domain);
    new MailSni(stack, "third", { hosts: [mx1], issuer }).addDomain("domain4.tld");

    expect(said(stack).warnings).toEqual([
      expect.stringMatching(
        /^stack: Port 465 of qmail on mx2, mx3 presents the certificate of domain2\.tld /,
      ),
      expect.stringMatching(
        /^stack\/mx1: Port 465 of qmail on mx1 presents the certificate of domain1\.tld /,
      ),
    ]);
  });
});
