import { describe, expect, it } from "vitest";
import { Dovecot, HostNames, type MailSni, Qmail, SniRules } from "../../../../lib";
import { acmeIssuer, declare } from "../support/declare";
import { tableOf } from "../support/table-of";

describe("sni-table.json", () => {
  let sni: MailSni;
  const declared = () =>
    tableOf((stack) => {
      const otherBlocks = [{ names: ["webmail.domain2.tld"], certificate: "/etc/ssl/webmail.pem" }];
      ({ sni } = declare([Dovecot.v23({ otherBlocks }), Qmail.standard()], {}, stack));
      sni.addDomain("domain2.tld", { names: HostNames.of("domain2.tld", "imap.domain2.tld") });
      SniRules.of(stack).acknowledge("SNI006", "DNS has no more.").acknowledge("SNI009", "465 is closed.");
    }).json;

  it("has a member a host, a service, a name, with its version in front", () => {
    const { version, hosts } = declared();

    expect(version).toBe(1);
    expect(hosts).toMatchObject([
      { stack: "mail", host: "mx1", services: [{ service: "dovecot" }, { service: "qmail" }] },
    ]);
    expect(hosts[0].services[1]).toMatchObject({
      endpoints: [
        { port: 587, protocol: "smtp", sni: true },
        { port: 25, protocol: "smtp", sni: true },
        { port: 465, protocol: "tls", sni: false },
      ],
      default: "domain1.tld",
    });
  });

  it("has of each name the certificate by its entry, the file that is not ours, or why it is the default", () => {
    const [dovecot, qmail] = declared().hosts[0].services;

    expect(dovecot.names).toContainEqual({
      name: "imap.domain2.tld",
      certificate: "domain2.tld",
      entry: "local_name imap.domain2.tld in /etc/dovecot/mail-sni/2.3/domain2.tld.conf",
    });
    expect(dovecot.names).toContainEqual({
      name: "webmail.domain2.tld",
      file: "/etc/ssl/webmail.pem",
      entry: "local_name webmail.domain2.tld",
    });
    expect(qmail.names).toContainEqual({
      name: "webmail.domain2.tld",
      reason: "there is no /var/qmail/control/servercerts/webmail.domain2.tld/servercert.pem",
    });
  });

  it("says which service ends the handshake where a name cannot be one", () => {
    const { json } = tableOf((stack) => declare([Dovecot.v24(), Qmail.standard()], {}, stack));
    const [dovecot, qmail] = json.hosts[0].services;

    expect(dovecot.refusesMalformedNames).toBe(true);
    expect(qmail).not.toHaveProperty("refusesMalformedNames");
  });

  it("has the names of a domain together", () => {
    const { json } = tableOf((stack) => {
      const { sni } = declare([Dovecot.v24()], {}, stack);
      for (const domain of ["z.tld", "a.tld"])
        sni.addDomain(domain, { names: HostNames.subdomains("x", "*") });
    });
    const names = json.hosts[0].services[0].names.map(({ name }: { name: string }) => name);

    expect(names).toEqual([
      ...["x.a.tld", "*.a.tld"],
      ...HostNames.core().resolve("domain1.tld"),
      ...["x.z.tld", "*.z.tld"],
    ]);
  });

  it("marks the names that a certificate may turn out not to have, and says nothing of the others", () => {
    const { json } = tableOf((stack) => {
      const { sni } = declare([Dovecot.v24()], {}, stack);
      sni.addDomain("domain2.tld", {
        issuer: acmeIssuer(stack),
        names: HostNames.of("imap.domain2.tld", "pop3.domain2.tld"),
      });
    });
    const [service] = json.hosts[0].services as Service[];
    const marks = service?.names.flatMap(({ name, ...row }) =>
      "optional" in row ? [[name, row.optional]] : [],
    );

    expect(marks).toEqual([["pop3.domain2.tld", true]]);
  });

  it("says the same as MailSni.table()", () => {
    const [{ host, services }] = declared().hosts;
    const rows = services.flatMap(({ service, names, default: byDefault }: Service) => [
      ...names.map((name) => ({
        host,
        service,
        ...name,
        certificate: name.file === undefined ? (name.certificate ?? byDefault) : undefined,
      })),
      { host, service, certificate: byDefault, reason: expect.any(String) },
    ]);

    expect(sni.table().rows).toEqual(rows);
  });

  it("has what is acknowledged, where, why, and whom it concerns", () => {
    expect(declared().acknowledged).toEqual([
      {
        code: "SNI006",
        at: "mail",
        reason: "DNS has no more.",
        subject: "mail.domain2.tld, pop3.domain2.tld, pop.domain2.tld, smtp.domain2.tld",
      },
      { code: "SNI009", at: "mail", reason: "465 is closed.", subject: "port 465 of qmail on mx1" },
    ]);
  });
});

interface Service {
  readonly service: string;
  readonly default: string;
  readonly names: readonly { readonly name: string; readonly certificate?: string; readonly file?: string }[];
}
