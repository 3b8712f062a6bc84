import { App, LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Certificate, Dovecot, HostNames, MailHost, MailSni, Qmail, QmailSmtps } from "../../lib";
// Made by `cdktf get`, from the providers that `cdktf.json` lists.
import { Certificate as AcmeCertificate } from "./.gen/providers/acme/certificate";
import { AcmeProvider } from "./.gen/providers/acme/provider";
import { Registration } from "./.gen/providers/acme/registration";

const DOMAINS = ["domain1.tld", "domain2.tld"];

/**
 * Certificates of Let's Encrypt that `vancluever/acme` orders, with one of its many DNS plugins, for hosts that `mailsni`
 * looks after.
 */
class DnsPluginStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Beside `cdktf.out`, which is generated and may be deleted at any time; in a directory that is closed to other users.
    new LocalBackend(this, { path: "../../../state/mail.tfstate" });
    new AcmeProvider(this, "acme", { serverUrl: "https://acme-v02.api.letsencrypt.org/directory" });
    const account = new Registration(this, "account", {
      emailAddress: "hostmaster@domain1.tld",
      // Another argument of it is another account, and so another certificate for everything.
      lifecycle: { preventDestroy: true, ignoreChanges: ["email_address"] },
    });

    const mx1 = MailHost.ssh(this, "mx1", {
      address: "root@mx1.domain1.tld",
      services: [Qmail.standard({ smtps: QmailSmtps.PER_NAME }), Dovecot.v23()],
    });
    const sni = new MailSni(this, "sni", { hosts: [mx1], defaultDomain: "domain1.tld" });
    for (const domain of DOMAINS) this.addDomain(sni, domain, account);
  }

  private addDomain(sni: MailSni, domain: string, account: Registration): void {
    const names = HostNames.core().resolve(domain);
    // In the addresses of resources, cdktf leaves dots out: a.bc.tld would be the same as ab.c.tld.
    const issued = new AcmeCertificate(this, domain.replaceAll(".", "_"), {
      accountKeyPem: account.accountKeyPem,
      commonName: domain,
      subjectAlternativeNames: names.filter((name) => name !== domain),
      keyType: "P256",
      // Its default revokes the certificate that is served as soon as a name is added.
      revokeCertificateOnDestroy: false,
      lifecycle: { createBeforeDestroy: true },
      dnsChallenge: [{ provider: "route53" }],
    });
    sni.addDomain(domain, {
      certificate: Certificate.fromPem({
        privateKey: issued.privateKeyPem,
        certificate: issued.certificatePem,
        chain: issued.issuerPem,
      }),
    });
  }
}

const app = new App();
new DnsPluginStack(app, "vancluever-acme");
app.synth();
