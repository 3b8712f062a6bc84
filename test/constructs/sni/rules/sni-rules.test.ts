import { LocalBackend } from "cdktf";
import type { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import {
  HostNames,
  type MailDomain,
  type MailHost,
  MailSni,
  PrivateCa,
  Qmail,
  type SniRuleCode,
  SniRules,
} from "../../../../lib";
import { testStack } from "../../../support/synthesized";
import { declare, hostOf } from "../support/declare";
import { said } from "../support/said";

/** Two domains that lack names on one host. */
function lacking() {
  const declared = declare();
  const names = HostNames.subdomains("imap");
  const [domain2, domain3] = ["domain2.tld", "domain3.tld"].map((domain) =>
    declared.sni.addDomain(domain, { names }),
  ) as [MailDomain, MailDomain];
  return { ...declared, domain2, domain3 };
}

describe("SniRules.acknowledge", () => {
  it.each<[string, (declared: ReturnType<typeof lacking>) => Construct]>([
    ["the app", ({ stack }) => stack.node.root as Construct],
    ["the stack", ({ stack }) => stack],
    ["the host", ({ mx1 }) => mx1],
    ["the MailSni", ({ sni }) => sni],
  ])("holds for everything below %s", (_, scope) => {
    const declared = lacking();
    SniRules.of(scope(declared)).acknowledge("SNI006", "DNS has imap. alone.");

    expect(said(declared.stack).warnings).toEqual([]);
  });

  it("holds for one mail domain, and leaves the others alone", () => {
    const { stack, domain2 } = lacking();
    SniRules.of(domain2).acknowledge("SNI006", "DNS has imap. alone.");

    expect(said(stack).warnings).toEqual([expect.stringMatching(/servers of domain3\.tld try/)]);
  });

  it("holds on one host, and leaves the others alone", () => {
    const stack = testStack();
    new LocalBackend(stack, { path: "terraform.tfstate" });
    const [mx1, mx2] = ["mx1", "mx2"].map((id) => hostOf(stack, id, [Qmail.standard()])) as [
      MailHost,
      MailHost,
    ];
    const issuer = new PrivateCa(stack, "ca");
    const sni = new MailSni(stack, "sni", { hosts: [mx1, mx2], issuer, defaultDomain: "domain1.tld" });
    for (const domain of ["domain1.tld", "domain2.tld"]) sni.addDomain(domain);
    SniRules.of(mx2).acknowledge("SNI009", "Port 465 is closed.");

    expect(said(stack).warnings).toEqual([expect.stringContaining("of qmail on mx1 presents")]);
  });

  it("holds for its rule alone", () => {
    const { stack } = lacking();
    SniRules.of(stack).acknowledge("SNI005", "None of them is used.").acknowledge("SNI009", "It is closed.");

    expect(said(stack).warnings).toHaveLength(1);
  });

  it("holds for what is declared later", () => {
    const { stack, sni } = declare();
    SniRules.of(sni).acknowledge("SNI006", "DNS has imap. alone.");
    sni.addDomain("domain2.tld", { names: HostNames.subdomains("imap") });

    expect(said(stack).warnings).toEqual([]);
  });

  it.each<[string, SniRuleCode, string, string]>([
    ["a name in two certificates", "SNI001", "Because.", "RULE_MANDATORY"],
    ["a host without a default", "SNI002", "Because.", "RULE_MANDATORY"],
    ["two resources with one address", "SNI003", "Because.", "RULE_MANDATORY"],
    ["a wildcard that nobody looks for", "SNI004", "Because.", "RULE_MANDATORY"],
    ["a name that another block takes", "SNI007", "Because.", "RULE_MANDATORY"],
    ["a rule that there is not", "SNI999" as SniRuleCode, "Because.", "RULE_UNKNOWN"],
    ["a rule in lower case", "sni006" as SniRuleCode, "Because.", "RULE_UNKNOWN"],
    ["no reason", "SNI006", "", "RULE_REASON_EMPTY"],
    ["blanks for a reason", "SNI006", " \n", "RULE_REASON_EMPTY"],
  ])("refuses %s", (_, code, reason, expected) => {
    const { stack } = declare();

    expect(() => SniRules.of(stack).acknowledge(code, reason)).toThrow(
      expect.objectContaining({ code: expected }),
    );
  });
});
