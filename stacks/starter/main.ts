import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { Dovecot, MailHost, MailSni, PrivateCa, Qmail } from "cdktf-mail-sni";

const app = new App();
const stack = new TerraformStack(app, "mail");

// The state holds private keys: no other user may enter its directory. An absolute path leads to the same state from a copy of
// cdktf.out, which unattended renewals use.
mkdirSync("state", { recursive: true, mode: 0o700 });
new LocalBackend(stack, { path: resolve("state/mail.tfstate") });

// A directory, to try it. For your host: MailHost.ssh(stack, "mx1", { address: "root@mx1.domain1.tld", services: … })
const mx1 = MailHost.local(stack, "mx1", {
  root: "./out/mx1",
  services: [Qmail.standard(), Dovecot.v24()],
});

// A private CA, to try it. For certificates that every client trusts:
// AcmeIssuer.letsEncryptStaging(stack, "le", { challenge: Challenge.httpWebroot("/var/www/acme") })
// and when that works, AcmeIssuer.letsEncrypt.
const issuer = new PrivateCa(stack, "ca");

const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "domain1.tld" });
sni.addDomain("domain1.tld"); // and mail., imap., pop3., pop., smtp.
sni.addDomain("domain2.tld");

app.synth();
