import { LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  DehydratedChallenge,
  DehydratedIssuer,
  Dovecot,
  HostNames,
  MailHost,
  MailSni,
  Qmail,
  QmailSmtps,
  SniRules,
} from "../lib";

/**
 * A mail host that issues its certificates itself: dehydrated, which is installed there, orders and renews them, and no private
 * key leaves the host. A deploy needs `ssh` to the host.
 */
export class DehydratedStack extends TerraformStack {
  readonly sni: MailSni;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Beside `cdktf.out`, which is generated and may be deleted at any time; in a directory that is closed to other users.
    new LocalBackend(this, { path: "../../../state/dehydrated.tfstate" });

    const mx1 = MailHost.ssh(this, "mx1", {
      address: "root@mx1.domain1.tld",
      services: [Qmail.standard({ smtps: QmailSmtps.PER_NAME }), Dovecot.v24()],
    });
    const issuer = DehydratedIssuer.letsEncrypt(this, "dehydrated", {
      host: mx1,
      challenge: DehydratedChallenge.httpWebroot("/var/www/html"),
      contact: "hostmaster@domain1.tld",
    });
    // DNS must lead each of these names to the host: dehydrated orders all of them.
    const names = HostNames.subdomains("imap", "pop3", "smtp");
    this.sni = new MailSni(this, "sni", { hosts: [mx1], issuer, names, defaultDomain: "domain1.tld" });
    this.sni.addDomain("domain1.tld");
    this.sni.addDomain("domain2.tld");
    SniRules.of(mx1).acknowledge("SNI006", "DNS has imap, pop3 and smtp alone.");
  }
}
