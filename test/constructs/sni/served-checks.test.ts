import { TerraformDataSource, TerraformLocal } from "cdktf";
import { describe, expect, it } from "vitest";
import { MailHost, MailSni } from "../../../lib";
import { synthesized, testStack } from "../../support/synthesized";
import { declare, hostOf, quietServices } from "./support/declare";

const CHECKED = { servedChecks: true };

describe("servedChecks", () => {
  it("GIVEN it is not set THEN a stack has neither data source nor check", () => {
    const { check, data, locals } = synthesized(declare().stack);
    expect({ check, data, locals }).toEqual({ check: undefined, data: undefined, locals: undefined });
  });

  it("THEN a host has a data source that is read after all of its files, and does not refer to them itself", () => {
    const { stack, sni } = declare(undefined, CHECKED);
    sni.addDomain("a.tld");
    const { data, locals } = synthesized(stack);

    expect(data.mailsni_served_certificates).toEqual({ served__mx1: { host: "${local.served__mx1}" } });
    expect(locals.served__mx1).toBe(
      "${[for host in toset([mailsni_host_files.base__mx1.host, mailsni_host_files.d_a_tld__mx1.host, " +
        'mailsni_host_files.d_domain1_tld__mx1.host, mailsni_host_files.default__mx1.host]) : "mx1"][0]}',
    );
  });

  it("THEN the check has assertions only, which warn of mismatches and of a host that cannot be reached", () => {
    const { check } = synthesized(declare(undefined, CHECKED).stack);
    const data = "data.mailsni_served_certificates.served__mx1";

    expect(Object.keys(check)).toEqual(["served__mx1"]);
    expect(Object.keys(check.served__mx1)).toEqual(["assert"]);
    expect(check.served__mx1.assert.map(({ condition }: { condition: string }) => condition)).toEqual([
      `\${${data}.mismatch_count == 0}`,
      `\${${data}.status != "unreachable"}`,
    ]);
    expect(check.served__mx1.assert[0].error_message).toContain(
      `\${join("\\n", ${data}.mismatches[*].message)}`,
    );
  });

  it("GIVEN the program has blocks of its own, before or after, THEN the stack has all", () => {
    const before = testStack();
    before.addOverride("check", { own: {} });
    declare(undefined, CHECKED, before);
    const { stack: after } = declare(undefined, CHECKED);
    after.addOverride("check", { own: {} });

    for (const stack of [before, after])
      expect(Object.keys(synthesized(stack).check).sort()).toEqual(["own", "served__mx1"]);
  });

  it("GIVEN several hosts and MailSni THEN each host that one of them checks has one of each, dots as underscores", () => {
    const { stack, mx1, issuer } = declare(undefined, CHECKED);
    const mx2 = hostOf(stack, "mx2.tld");
    const mx3 = hostOf(stack, "mx3");
    const second = new MailSni(stack, "second", { hosts: [mx1, mx2], issuer, ...CHECKED });
    second.addDomain("b.tld", { hosts: [mx2] });
    const third = new MailSni(stack, "third", { hosts: [mx2, mx3], issuer, defaultDomain: "c.tld" });
    third.addDomain("c.tld");

    const { check, data } = synthesized(stack);
    expect(Object.keys(check)).toEqual(["served__mx1", "served__mx2_tld"]);
    expect(Object.keys(data.mailsni_served_certificates)).toEqual(Object.keys(check));
  });

  it("GIVEN a host whose name is that of another with -host behind it THEN both are checked", () => {
    const { stack, issuer } = declare(undefined, CHECKED);
    const hosts = [hostOf(stack, "mx1-host")];
    const second = new MailSni(stack, "second", { hosts, issuer, defaultDomain: "b.tld", ...CHECKED });
    second.addDomain("b.tld");
    const { check, data } = synthesized(stack);

    expect(Object.keys(check)).toEqual(["served__mx1", "served__mx1-host"]);
    expect(Object.keys(data.mailsni_served_certificates)).toEqual(Object.keys(check));
  });

  it("GIVEN a local value and a data source of the stack's own with the same ids THEN that is refused, not overwritten", () => {
    const { stack } = declare(undefined, CHECKED);
    new TerraformLocal(stack, "served__mx1", "own");
    new TerraformDataSource(stack, "own", {
      terraformResourceType: "mailsni_served_certificates",
    }).overrideLogicalId("served__mx1");

    expect(() => synthesized(stack)).toThrow(/ local\.served__mx1,.*\[SNI003\]/);
    expect(() => synthesized(stack)).toThrow(/ data\.mailsni_served_certificates\.served__mx1,.*\[SNI003\]/);
  });

  it("GIVEN a host that is gone, and a staging tree THEN neither is asked", () => {
    const { stack, issuer } = declare();
    const gone = MailHost.ssh(stack, "gone", {
      address: "root@gone.tld",
      services: quietServices(),
      gone: true,
    });
    const staged = MailHost.directory(stack, "staged", { path: "./out/staged", services: quietServices() });
    const hosts = [gone, staged];
    const second = new MailSni(stack, "second", { hosts, issuer, defaultDomain: "a.tld", ...CHECKED });
    second.addDomain("a.tld");

    expect(synthesized(stack).check).toBeUndefined();
  });
});
