import type { TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { DehydratedChallenge, DehydratedIssuer, Dovecot, MailHost, MailSni, PrivateCa } from "../../../lib";
import { type Json, synthesized, testStack } from "../../support/synthesized";

/** A renamed host that issues its certificates itself: moved and removed blocks. */
function declare(stack: TerraformStack, domains = ["a.tld", "b.tld"]): void {
  const host = MailHost.ssh(stack, "mx1", {
    address: "root@mx1.tld",
    services: [Dovecot.v24()],
    renamedFrom: "old",
  });
  const challenge = DehydratedChallenge.dnsHook("/opt/hook");
  const issuer = DehydratedIssuer.letsEncrypt(stack, "dehydrated", { host, challenge });
  const sni = new MailSni(stack, "sni", { hosts: [host], issuer, defaultDomain: "a.tld" });
  for (const domain of domains) sni.addDomain(domain);
}

const OWN = {
  moved: [{ from: "acme_registration.account", to: "mailsni_acme_account.acme_ca" }],
  removed: [{ from: "acme_certificate.old", lifecycle: [{ destroy: false }] }],
};

function addOwn(stack: TerraformStack): void {
  for (const [kind, blocks] of Object.entries(OWN)) stack.addOverride(kind, blocks);
}

function fromOf(blocks: Json): string[] {
  return blocks.map(({ from }: { from: string }) => from);
}

const MOVED = ["base__old", "dehydrated__old"].map((id) => `mailsni_host_files.${id}`);
const REMOVED = ["d_a_tld__old", "d_b_tld__old", "default__old"].map((id) => `mailsni_host_files.${id}`);

describe("the blocks about what is in the state", () => {
  it.each(["before", "after"])(
    "GIVEN the program has some of its own, written %s the hosts THEN the stack has all of both",
    (order) => {
      const stack = testStack();
      if (order === "before") addOwn(stack);
      declare(stack);
      if (order === "after") addOwn(stack);

      const { moved, removed } = synthesized(stack);

      expect(moved).toEqual(expect.arrayContaining(OWN.moved));
      expect(removed).toEqual(expect.arrayContaining(OWN.removed));
      expect(fromOf(moved)).toEqual(expect.arrayContaining(MOVED));
      expect(fromOf(removed)).toEqual(expect.arrayContaining(REMOVED));
    },
  );

  it("GIVEN domains in another order THEN the stack has the same text", () => {
    const [one, other] = [testStack(), testStack()];
    declare(one, ["a.tld", "b.tld"]);
    declare(other, ["b.tld", "a.tld"]);

    expect(JSON.stringify(synthesized(other))).toBe(JSON.stringify(synthesized(one)));
  });

  it("GIVEN neither a renamed host nor one that issues certificates THEN there are none", () => {
    const stack = testStack();
    const host = MailHost.ssh(stack, "mx1", { address: "root@mx1.tld", services: [Dovecot.v24()] });
    const issuer = new PrivateCa(stack, "ca");
    new MailSni(stack, "sni", { hosts: [host], issuer, defaultDomain: "a.tld" }).addDomain("a.tld");

    expect(Object.keys(synthesized(stack))).not.toEqual(expect.arrayContaining(["moved"]));
    expect(synthesized(stack)).not.toHaveProperty("removed");
  });
});
