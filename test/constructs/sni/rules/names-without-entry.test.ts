import { beforeAll, describe, expect, it } from "vitest";
import { Certificate, Dovecot, HostNames } from "../../../../lib";
import { combinedPem, issue } from "../../../support/certificates";
import { Postfix } from "../../service/postfix";
import { declare } from "../support/declare";
import { said } from "../support/said";

const WITH_WILDCARD = HostNames.core().plus(HostNames.subdomains("*"));

describe("SNI005: a certificate covers a name that has no entry", () => {
  let pem: string;

  beforeAll(async () => {
    const names = HostNames.core().resolve("domain2.tld");
    pem = combinedPem(await issue({ dnsNames: [...names, "WWW.domain2.tld"] }));
  });

  it("names it, the host, and whose certificate is presented instead", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain2.tld", { certificate: Certificate.fromCombinedPem(pem) });

    expect(said(stack).warnings).toEqual([
      expect.stringMatching(
        /^stack\/sni\/domain2\.tld: Certificates cover www\.domain2\.tld, but mx1 has no entry .* certificate of domain1\.tld, .*\[SNI005\]$/,
      ),
    ]);
  });

  it("says nothing where each name has an entry", () => {
    const { stack, sni } = declare();
    const names = HostNames.core().plus(HostNames.of("www.domain2.tld"));
    sni.addDomain("domain2.tld", { names, certificate: Certificate.fromCombinedPem(pem) });

    expect(said(stack).warnings).toEqual([]);
  });

  it("says nothing where the entry is another domain's", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain2.tld", { certificate: Certificate.fromCombinedPem(pem) });
    sni.addDomain("www.domain2.tld");

    expect(said(stack).warnings).toEqual([]);
  });

  it("reports nothing for a certificate that is unknown at synth", () => {
    const { stack, sni } = declare();
    sni.addDomain("domain2.tld", { certificate: Certificate.fromCombinedPem("${var.pem}") });

    expect(said(stack).warnings).toEqual([]);
  });

  it("warns of a wildcard, but not where the default certificate is the one that has it", () => {
    const { stack, sni } = declare([Dovecot.v24()], { names: WITH_WILDCARD });
    sni.addDomain("domain2.tld");

    expect(said(stack).warnings).toEqual([expect.stringContaining("Certificates cover *.domain2.tld, but")]);
  });

  it("says nothing where the server serves wildcards", () => {
    const { stack, sni } = declare([new Postfix()]);
    sni.addDomain("domain2.tld", { names: WITH_WILDCARD });

    expect(said(stack).warnings).toEqual([]);
  });

  it("is one message for all domains", () => {
    const { stack, sni } = declare([Dovecot.v24()]);
    for (const domain of ["domain2.tld", "domain3.tld"]) sni.addDomain(domain, { names: WITH_WILDCARD });

    expect(said(stack).warnings).toEqual([
      expect.stringMatching(/^stack\/sni: Certificates cover \*\.domain2\.tld, \*\.domain3\.tld, /),
    ]);
  });
});
