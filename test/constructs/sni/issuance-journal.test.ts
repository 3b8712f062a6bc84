import { describe, expect, it } from "vitest";
import { AcmeIssuer, Challenge, IssuanceJournal, MailSni } from "../../../lib";
import { synthesized, testStack } from "../../support/synthesized";
import { acmeIssuer, hostOf } from "./support/declare";

/** The provider block of a stack with a journal, and its ACME resources. */
function declared(journal: (mx1: ReturnType<typeof hostOf>) => IssuanceJournal | undefined) {
  const stack = testStack();
  const mx1 = hostOf(stack, "mx1");
  const issuer = acmeIssuer(stack);
  new MailSni(stack, "sni", {
    hosts: [mx1],
    issuer,
    defaultDomain: "a.tld",
    journal: journal(mx1),
  }).addDomain("a.tld");
  const { provider, resource } = synthesized(stack);
  return { block: provider.mailsni[0], resource };
}

describe("IssuanceJournal", () => {
  it("GIVEN a directory, hosts, or none THEN the provider block says so", () => {
    expect(declared(() => IssuanceJournal.directory("~/journal")).block.journal).toEqual({
      directory: "~/journal",
    });
    expect(declared((mx1) => IssuanceJournal.onHosts(mx1)).block.journal).toEqual({ hosts: ["mx1"] });
    expect(declared(() => undefined).block).not.toHaveProperty("journal");
  });

  it("GIVEN a stack with hosts THEN account and certificates name its state, so that no other takes their orders", () => {
    const { resource } = declared(() => undefined);
    const id = "${mailsni_state_identity.this.id}";
    expect(resource.mailsni_acme_account.acme_le.state_id).toBe(id);
    expect(resource.mailsni_acme_certificate.c_a_tld.state_id).toBe(id);
  });

  it("GIVEN a stack without hosts THEN they name none", () => {
    const stack = testStack();
    const issuer = AcmeIssuer.letsEncrypt(stack, "le", { challenge: Challenge.httpWebroot("/var/www/acme") });
    issuer.issueCertificate(stack, "certificate", { domain: "a.tld", names: ["a.tld"] });
    const { resource } = synthesized(stack);
    expect(resource.mailsni_acme_account.acme_le).not.toHaveProperty("state_id");
  });

  it("GIVEN the same journal twice THEN it is one; GIVEN two THEN they are refused", () => {
    const stack = testStack();
    const mx1 = hostOf(stack, "mx1");
    const issuer = acmeIssuer(stack);
    const add = (id: string, journal: IssuanceJournal) =>
      new MailSni(stack, id, { hosts: [mx1], issuer, journal });
    add("one", IssuanceJournal.onHosts(mx1));
    add("two", IssuanceJournal.onHosts(mx1));
    expect(() => add("three", IssuanceJournal.directory("journal"))).toThrow("[JOURNAL_TWICE]");
  });

  it("GIVEN no place, or a host of another stack THEN it is refused", () => {
    expect(() => IssuanceJournal.directory(" ")).toThrow("[JOURNAL_PLACE]");
    expect(() => IssuanceJournal.onHosts()).toThrow("[JOURNAL_PLACE]");
    const [stack, other] = [testStack("one"), testStack("two")];
    const journal = IssuanceJournal.onHosts(hostOf(other, "mx2"));
    expect(
      () => new MailSni(stack, "sni", { hosts: [hostOf(stack, "mx1")], issuer: acmeIssuer(stack), journal }),
    ).toThrow(/mx2/);
  });
});
