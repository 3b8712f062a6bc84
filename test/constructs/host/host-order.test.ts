import type { TerraformStack } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dovecot, type IIssuer, MailHost, MailSni, PrivateCa } from "../../../lib";
import { type Json, synthesized, testStack } from "../../support/synthesized";

function hostOf(stack: TerraformStack, id: string, canary?: boolean): MailHost {
  return MailHost.local(stack, id, { root: `./out/${id}`, services: [Dovecot.v23()], canary });
}

/** What each resource of the hosts' files waits for, by the ends of their addresses. */
function waits(stack: TerraformStack): Record<string, readonly string[]> {
  const resources: Json = synthesized(stack).resource.mailsni_host_files;
  const end = (address: string) => address.replace("mailsni_host_files.", "");
  return Object.fromEntries(
    Object.entries<Json>(resources).map(([name, resource]) => [name, (resource.depends_on ?? []).map(end)]),
  );
}

/** Two domains on all hosts, the first of which is the default. */
function twoDomains(stack: TerraformStack, hosts: MailHost[]): MailSni {
  const issuer: IIssuer = new PrivateCa(stack, "ca");
  const sni = new MailSni(stack, "sni", { hosts, issuer, defaultDomain: "a.tld" });
  sni.addDomain("a.tld");
  sni.addDomain("b.tld");
  return sni;
}

describe("a canary", () => {
  it("GIVEN none THEN hosts wait for nothing but their own base", () => {
    const stack = testStack();
    twoDomains(stack, [hostOf(stack, "mx1"), hostOf(stack, "mx2", false)]);
    expect(waits(stack)).toMatchObject({
      base__mx2: [],
      d_a_tld__mx2: ["base__mx2"],
      default__mx2: ["base__mx2"],
    });
  });

  it("THEN other hosts get each certificate, the default and the base after it, and it waits for no other host", () => {
    const stack = testStack();
    twoDomains(stack, [hostOf(stack, "mx1"), hostOf(stack, "mx2", true), hostOf(stack, "mx3")]);
    expect(waits(stack)).toEqual({
      base__mx1: ["base__mx2"],
      base__mx2: [],
      base__mx3: ["base__mx2"],
      d_a_tld__mx1: ["base__mx1", "d_a_tld__mx2"],
      d_a_tld__mx2: ["base__mx2"],
      d_a_tld__mx3: ["base__mx3", "d_a_tld__mx2"],
      d_b_tld__mx1: ["base__mx1", "d_b_tld__mx2"],
      d_b_tld__mx2: ["base__mx2"],
      d_b_tld__mx3: ["base__mx3", "d_b_tld__mx2"],
      default__mx1: ["base__mx1", "d_a_tld__mx2", "default__mx2"],
      default__mx2: ["base__mx2"],
      default__mx3: ["base__mx3", "d_a_tld__mx2", "default__mx2"],
    });
  });

  it("GIVEN a domain that it does not serve THEN that waits for nothing there", () => {
    const stack = testStack();
    const [mx1, mx2] = [hostOf(stack, "mx1", true), hostOf(stack, "mx2")];
    twoDomains(stack, [mx1, mx2]).addDomain("c.tld", { hosts: [mx2] });
    expect(waits(stack).d_c_tld__mx2).toEqual(["base__mx2"]);
  });

  it("GIVEN a host with another default THEN that waits for the canary's certificate of that domain alone", () => {
    const stack = testStack();
    const [mx1, mx2] = [hostOf(stack, "mx1", true), hostOf(stack, "mx2")];
    const first = new MailSni(stack, "first", {
      hosts: [mx1],
      issuer: new PrivateCa(stack, "ca"),
      defaultDomain: "a.tld",
    });
    first.addDomain("a.tld");
    const { certificate } = first.addDomain("b.tld");
    new MailSni(stack, "second", { hosts: [mx2], defaultDomain: "b.tld" }).addDomain("b.tld", {
      certificate,
    });
    expect(waits(stack)).toMatchObject({
      d_b_tld__mx2: ["base__mx2", "d_b_tld__mx1"],
      default__mx2: ["base__mx2", "d_b_tld__mx1"],
    });
  });

  it("GIVEN two of them THEN other hosts wait for both, and they not for each other", () => {
    const stack = testStack();
    twoDomains(stack, [hostOf(stack, "mx1", true), hostOf(stack, "mx2", true), hostOf(stack, "mx3")]);
    expect(waits(stack)).toMatchObject({
      d_b_tld__mx1: ["base__mx1"],
      d_b_tld__mx2: ["base__mx2"],
      d_b_tld__mx3: ["base__mx3", "d_b_tld__mx1", "d_b_tld__mx2"],
    });
  });

  it("GIVEN one that is gone THEN nothing waits for it", () => {
    const stack = testStack();
    const mx1 = MailHost.ssh(stack, "mx1", {
      address: "mx1.example.org",
      services: [Dovecot.v23()],
      canary: true,
      gone: true,
    });
    twoDomains(stack, [mx1, hostOf(stack, "mx2")]);
    expect(waits(stack)).toMatchObject({ base__mx2: [], d_a_tld__mx2: ["base__mx2"] });
  });

  it("THEN the provider is told, for its handshakes", () => {
    const stack = testStack();
    const canary = hostOf(stack, "mx1", true);
    twoDomains(stack, [canary, hostOf(stack, "mx2"), hostOf(stack, "mx3", false)]);
    const { mx1, mx2, mx3 } = synthesized(stack).provider.mailsni[0].hosts;
    expect(canary.canary).toBe(true);
    expect(mx1.canary).toBe(true);
    expect([mx2, mx3].filter((host) => "canary" in host)).toEqual([]);
  });

  it("GIVEN any canaries, and hosts in any order THEN the dependencies are the same", () => {
    const ids = ["mx1", "mx2", "mx3", "mx4"];
    const declared = (order: readonly string[], canaries: readonly string[]) => {
      const stack = testStack();
      const hosts = order.map((id) => hostOf(stack, id, canaries.includes(id)));
      twoDomains(stack, hosts);
      return waits(stack);
    };
    fc.assert(
      fc.property(fc.shuffledSubarray(ids, { minLength: 4 }), fc.subarray(ids), (order, canaries) => {
        expect(declared(order, canaries)).toEqual(declared(ids, canaries));
      }),
      { numRuns: 10 },
    );
  });
});
