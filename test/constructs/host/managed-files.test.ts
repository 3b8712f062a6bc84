import { describe, expect, it } from "vitest";
import { MailHost, MailSni, PrivateCa, Qmail } from "../../../lib";
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
