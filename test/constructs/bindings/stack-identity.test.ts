import { TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { AcmeIssuer, Challenge, Dovecot, MailHost, MailSni, PrivateCa, Qmail } from "../../../lib";
import { synthesized, testApp, testStack } from "../../support/synthesized";

const ADDRESS = "mailsni_state_identity.this";
const ID = "${mailsni_state_identity.this.id}";
const services = [Qmail.standard(), Dovecot.v23()];

function serve(stack: TerraformStack, issuer: PrivateCa, ...hosts: MailHost[]): void {
  for (const host of hosts) {
    new MailSni(stack, `sni-${host.name}`, {
      hosts: [host],
      issuer,
      defaultDomain: `${host.name}.tld`,
    }).addDomain(`${host.name}.tld`);
  }
}

describe("the identity of a stack's state", () => {
  it("GIVEN several hosts and several MailSni THEN there is one, which each resource of a host has", () => {
    const stack = testStack();
    const hosts = ["mx1", "mx2"].map((id) => MailHost.local(stack, id, { root: `/srv/${id}`, services }));
    serve(stack, new PrivateCa(stack, "ca"), ...hosts);

    const { resource } = synthesized(stack);

    expect(resource.mailsni_state_identity).toEqual({ this: {} });
    const files = Object.values<{ state_id: string }>(resource.mailsni_host_files);
    expect(files).toHaveLength(6);
    expect(new Set(files.map(({ state_id: id }) => id))).toEqual(new Set([ID]));
  });

  it.each(["before", "after"])(
    "GIVEN what issues certificates is declared %s the hosts THEN it waits until no other state has them",
    (order) => {
      const stack = testStack();
      const declareHost = () => MailHost.local(stack, "mx1", { root: "/srv/mx1", services });
      const host = order === "after" ? declareHost() : undefined;
      const ca = new PrivateCa(stack, "ca");
      AcmeIssuer.directory(stack, "acme", "https://ca.example/directory", {
        challenge: Challenge.dnsHook(["hook"]),
      });
      serve(stack, ca, host ?? declareHost());

      const { resource } = synthesized(stack);

      expect(resource.mailsni_private_ca.ca_ca.depends_on).toEqual([ADDRESS]);
      expect(resource.mailsni_acme_account.acme_acme.depends_on).toEqual([ADDRESS]);
    },
  );

  it("GIVEN a stack without hosts THEN there is none, even if other stacks have one", () => {
    const app = testApp();
    const [authority, mail] = ["authority", "mail"].map((id) => new TerraformStack(app, id)) as [
      TerraformStack,
      TerraformStack,
    ];
    const ca = new PrivateCa(authority, "ca");
    serve(mail, ca, MailHost.local(mail, "mx1", { root: "/srv/mx1", services }));

    const { resource } = synthesized(authority);

    expect(resource).not.toHaveProperty("mailsni_state_identity");
    expect(resource.mailsni_private_ca.ca_ca).not.toHaveProperty("depends_on");
  });

  it("GIVEN a host that is gone THEN it stays, so that the stack knows its files should the host come back", () => {
    const stack = testStack();
    MailHost.ssh(stack, "mx1", { address: "root@mx1", gone: true, services });

    expect(synthesized(stack).resource).toEqual({ mailsni_state_identity: { this: {} } });
  });
});
