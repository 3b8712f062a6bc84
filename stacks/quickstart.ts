import { LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Dovecot, MailDomains, MailHost, MailSni, PrivateCa, Qmail, SniRules } from "../lib";

/**
 * The domains of `domains.txt`, each with a certificate of its own, for qmail and Dovecot on one host. The host is a
 * directory, and the certificates are issued by a private CA: nothing outside of `out/` is touched.
 */
export class QuickstartStack extends TerraformStack {
  readonly sni: MailSni;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Beside `cdktf.out`, which is generated and may be deleted at any time; in a directory that is closed to other users.
    new LocalBackend(this, { path: "../../../state/quickstart.tfstate" });

    const mx1 = MailHost.local(this, "mx1", {
      root: "./out/mx1",
      services: [Qmail.standard(), Dovecot.v23()],
    });
    this.sni = new MailSni(this, "sni", {
      hosts: [mx1],
      issuer: new PrivateCa(this, "ca"),
      domains: MailDomains.fromDomainsTxt("stacks/domains.txt"),
    });
    SniRules.of(mx1)
      .acknowledge("SNI006", "DNS has those names only that stacks/domains.txt lists.")
      .acknowledge(
        "SNI009",
        "Users are told to send through port 587; 465 is there for old clients without SNI.",
      );
  }
}
