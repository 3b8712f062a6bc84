import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Dovecot, MailDomains, MailHost, MailSni, type MailSniProps, PrivateCa, Qmail } from "../../../lib";
import { synthesized, testStack } from "../../support/synthesized";

describe("MailSni with the domains of a file", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "domains-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function domains(text: string, defaultDomain?: string): MailDomains {
    const path = join(directory, "domains.txt");
    writeFileSync(path, text);
    return MailDomains.fromDomainsTxt(path, { defaultDomain });
  }

  function declare(props: Omit<MailSniProps, "hosts" | "issuer"> = {}) {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { services: [Qmail.standard(), Dovecot.v23()] });
    const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer: new PrivateCa(stack, "ca"), ...props });
    return { stack, sni };
  }

  it("has the names of each row, and none besides", () => {
    const { stack, sni } = declare({ domains: domains("a.tld imap.a.tld\nb.tld\n") });

    expect(sni.domains.map(({ names }) => names)).toEqual([["a.tld", "imap.a.tld"], ["b.tld"]]);
    expect(synthesized(stack).resource.mailsni_private_certificate.c_b_tld.names).toEqual(["b.tld"]);
  });

  it("presents the first row's certificate by default", () => {
    const { stack } = declare({ domains: domains("a.tld\nb.tld\n") });

    expect(JSON.stringify(synthesized(stack).resource.mailsni_host_files.default__mx1.secrets)).toContain(
      "c_a_tld",
    );
  });

  it("presents another one's where that is asked for", () => {
    const { stack, sni } = declare();
    sni.addDomains(domains("a.tld\nb.tld\n", "b.tld"));

    expect(JSON.stringify(synthesized(stack).resource.mailsni_host_files.default__mx1.secrets)).toContain(
      "c_b_tld",
    );
  });

  it("keeps to the default that it has", () => {
    const { stack, sni } = declare({ defaultDomain: "c.tld" });
    sni.addDomain("c.tld");
    sni.addDomains(domains("a.tld\nb.tld\n"));

    expect(JSON.stringify(synthesized(stack).resource.mailsni_host_files.default__mx1.secrets)).toContain(
      "c_c_tld",
    );
  });

  it("leaves the default to another MailSni of the host", () => {
    const { stack, sni } = declare({ defaultDomain: "c.tld" });
    sni.addDomain("c.tld");
    new MailSni(stack, "other", {
      hosts: sni.domains[0]?.hosts ?? [],
      issuer: new PrivateCa(stack, "other-ca"),
      domains: domains("a.tld\nb.tld\n"),
    });

    expect(JSON.stringify(synthesized(stack).resource.mailsni_host_files.default__mx1.secrets)).toContain(
      "c_c_tld",
    );
  });

  it("is the same when the rows behind the first, or the names behind the first of a row, are in another order", () => {
    const one = declare({ domains: domains("a.tld imap.a.tld smtp.a.tld\nb.tld\nc.tld\n") });
    const other = declare({ domains: domains("a.tld smtp.a.tld imap.a.tld\nc.tld\nb.tld\n") });

    expect(synthesized(other.stack)).toEqual(synthesized(one.stack));
  });

  it("says in which line a name stands that is taken", () => {
    expect(() => declare({ domains: domains("a.tld imap.a.tld\n# next\nb.tld imap.a.tld\n") })).toThrow(
      expect.objectContaining({
        code: "SNI001",
        problem: expect.stringMatching(/domains\.txt:3: imap\.a\.tld/),
      }),
    );
  });
});
