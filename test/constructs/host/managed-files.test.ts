import { describe, expect, it } from "vitest";
import { MailHost, MailSni, PrivateCa, Qmail, Renewer } from "../../../lib";
import { synthesized, testStack } from "../../support/synthesized";

describe("the resource of what prepares a host", () => {
  it("GIVEN a server that wants no files and links yet THEN it has no maps of them, which the state would keep", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { root: "/srv/mx1", services: [Qmail.standard()] });
    const sni = new MailSni(stack, "sni", {
      hosts: [mx1],
      issuer: new PrivateCa(stack, "ca"),
      defaultDomain: "d.tld",
    });
    sni.addDomain("d.tld");

    const base = synthesized(stack).resource.mailsni_host_files.base__mx1;

    expect(Object.keys(base)).toEqual(
      expect.arrayContaining(["directories", "placeholders", "host", "role"]),
    );
    for (const map of ["files", "secrets", "links"]) expect(base).not.toHaveProperty(map);
  });
});

describe("GIVEN renewers to retire", () => {
  it("THEN they are one resource before the host's base, whatever their order", () => {
    const declared = (retire: Renewer[]) => {
      const stack = testStack();
      const mx1 = MailHost.local(stack, "mx1", { services: [Qmail.standard()], retire });
      const sni = new MailSni(stack, "sni", {
        hosts: [mx1],
        issuer: new PrivateCa(stack, "ca"),
        defaultDomain: "d.tld",
      });
      sni.addDomain("d.tld");
      return synthesized(stack);
    };
    const hook = Renewer.hook("/etc/dehydrated/hook.sh");
    const { resource, data } = declared([
      Renewer.dehydrated(),
      hook,
      Renewer.certbot(),
      Renewer.of("certbot"),
    ]);
    const { mailsni_retired_renewers: retired, mailsni_host_files: files } = resource;
    const values = { host: "mx1", programs: ["certbot", "dehydrated"], hooks: ["/etc/dehydrated/hook.sh"] };
    expect(retired.retired__mx1).toMatchObject({
      ...values,
      planned_places: "${data.mailsni_renewers.retired__mx1.places}",
    });
    expect(data.mailsni_renewers).toMatchObject({ retired__mx1: values });
    expect(files.base__mx1.depends_on).toContain("mailsni_retired_renewers.retired__mx1");
    expect(declared([hook, Renewer.certbot(), Renewer.dehydrated()])).toEqual(
      declared([Renewer.dehydrated(), Renewer.certbot(), hook]),
    );
    expect(declared([]).resource.mailsni_retired_renewers).toBeUndefined();
    expect(declared([]).data).toBeUndefined();
  });
});
