import { describe, expect, it } from "vitest";
import { HostNames, MailHost, MailSni, PrivateCa } from "../../../lib";
import { synthesized, testStack } from "../../support/synthesized";
import { Postfix } from "./postfix";

describe("A mail server that the library does not know", () => {
  function declared() {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { services: [new Postfix()] });
    const sni = new MailSni(stack, "sni", {
      hosts: [mx1],
      issuer: new PrivateCa(stack, "ca"),
      defaultDomain: "a.tld",
    });
    sni.addDomain("a.tld", { names: HostNames.of("a.tld", "smtp.a.tld") });
    sni.addDomain("b.tld", { names: HostNames.of("*.b.tld") });
    return { stack, sni };
  }

  it("has its fragments and PEMs written, a resource a certificate", () => {
    const { stack } = declared();
    const { files, secrets } = synthesized(stack).resource.mailsni_host_files.d_a_tld__mx1;

    expect(files["/etc/postfix/mail-sni/a.tld.map"]).toMatchObject({
      service: "postfix",
      text: "a.tld /etc/postfix/mail-sni/a.tld.pem\nsmtp.a.tld /etc/postfix/mail-sni/a.tld.pem\n",
    });
    expect(Object.keys(secrets)).toEqual(["/etc/postfix/mail-sni/a.tld.pem"]);
  });

  it("has its table built, and is reloaded", () => {
    const { stack } = declared();

    expect(synthesized(stack).provider.mailsni[0].hosts.mx1.services.postfix).toMatchObject({
      build: expect.arrayContaining(["/etc/postfix/mail-sni"]),
      activate: ["postfix", "reload"],
      endpoints: [{ port: 25, protocol: "smtp" }, { port: 587 }, { port: 465, protocol: "tls" }],
    });
  });

  it("is in the table of who is served what, by its own rules", () => {
    const { sni } = declared();
    const rows = sni.table().rows.filter(({ service }) => service === "postfix");

    expect(rows.find(({ name }) => name === "*.b.tld")).toMatchObject({
      certificate: "b.tld",
      entry: ".b.tld",
    });
    expect(rows.find(({ name }) => name === undefined)).toMatchObject({ certificate: "a.tld" });
  });
});
