import { describe, expect, it } from "vitest";
import { Dovecot, HostNames, MailHost, MailSni, PrivateCa, Qmail } from "../../../../lib";
import { testStack } from "../../../support/synthesized";
import { acmeIssuer } from "../support/declare";

function declare() {
  const stack = testStack();
  const mx1 = MailHost.local(stack, "mx1", { services: [Qmail.standard(), Dovecot.v23()] });
  const mx2 = MailHost.local(stack, "mx2", { root: "./out/mx2", services: [Dovecot.v24()] });
  const sni = new MailSni(stack, "sni", {
    hosts: [mx2, mx1],
    issuer: new PrivateCa(stack, "ca"),
    defaultDomain: "a.tld",
  });
  sni.addDomain("b.tld", { names: HostNames.of("b.tld", "smtp.b.tld") });
  sni.addDomain("a.tld", { names: HostNames.of("a.tld") });
  sni.addDomain("c.tld", { names: HostNames.of("c.tld", "*.c.tld"), hosts: [mx2] });
  return { stack, mx1, mx2, sni };
}

describe("MailSni.table", () => {
  it("has a row for each name on each service of each host, domain by domain, and one for all other clients", () => {
    const { sni } = declare();

    expect(sni.table().rows.map(({ host, service, name }) => `${host} ${service} ${name ?? "-"}`)).toEqual([
      "mx1 dovecot a.tld",
      "mx1 dovecot b.tld",
      "mx1 dovecot smtp.b.tld",
      "mx1 dovecot -",
      "mx1 qmail a.tld",
      "mx1 qmail b.tld",
      "mx1 qmail smtp.b.tld",
      "mx1 qmail -",
      "mx2 dovecot a.tld",
      "mx2 dovecot b.tld",
      "mx2 dovecot smtp.b.tld",
      "mx2 dovecot c.tld",
      "mx2 dovecot *.c.tld",
      "mx2 dovecot -",
    ]);
  });

  it("says which certificate it is, and by which entry", () => {
    const { sni } = declare();

    expect(sni.table().rows).toContainEqual({
      host: "mx1",
      service: "qmail",
      name: "smtp.b.tld",
      certificate: "b.tld",
      entry: "/var/qmail/control/servercerts/smtp.b.tld/servercert.pem",
      reason: undefined,
    });
  });

  it("says that it is the default, and why", () => {
    const { sni } = declare();
    const row = sni.table().rows.find(({ name }) => name === "*.c.tld");

    expect(row).toMatchObject({
      certificate: "a.tld",
      entry: undefined,
      reason: expect.stringContaining("wildcard"),
    });
  });

  it("marks the names that a certificate may turn out not to have", () => {
    const { stack, sni } = declare();
    sni.addDomain("e.tld", { issuer: acmeIssuer(stack), names: HostNames.of("imap.e.tld", "pop.e.tld") });

    const optional = sni.table().rows.filter((row) => row.optional);
    expect(optional.map(({ host, service, name }) => `${host} ${service} ${name}`)).toEqual([
      "mx1 dovecot pop.e.tld",
      "mx1 qmail pop.e.tld",
      "mx2 dovecot pop.e.tld",
    ]);
    expect(sni.table().toString()).toMatch(/ pop\.e\.tld .*; optional$/m);
  });

  it("knows what another MailSni declares for the same host", () => {
    const { stack, mx1, sni } = declare();
    const other = new MailSni(stack, "other", { hosts: [mx1], issuer: new PrivateCa(stack, "ca2") });
    other.addDomain("d.tld", { names: HostNames.of("d.tld") });

    expect(sni.table().rows).toContainEqual(
      expect.objectContaining({ host: "mx1", name: "d.tld", certificate: "d.tld" }),
    );
    expect(other.table().rows.every(({ host }) => host === "mx1")).toBe(true);
  });

  it("shows that nothing is presented where there is no default", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { services: [Qmail.standard()] });
    const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer: new PrivateCa(stack, "ca") });

    expect(sni.table().rows).toEqual([
      { host: "mx1", service: "qmail", certificate: undefined, reason: expect.any(String) },
    ]);
    expect(sni.table().toString()).toMatch(/\(any other\) {2}nothing/);
  });

  it("reads as one block a service, one line a name", () => {
    const { sni } = declare();
    const lines = sni.table().toString().split("\n");

    expect(lines.slice(0, 2)).toEqual([
      "mx1, dovecot",
      "  a.tld        a.tld  by local_name a.tld in /etc/dovecot/mail-sni/2.3/a.tld.conf",
    ]);
    expect(lines).toContain("  (any other)  a.tld  by default: no SNI, or an unlisted name");
  });
});
