import { LocalBackend, type TerraformStack } from "cdktf";
import {
  AcmeIssuer,
  Challenge,
  Dovecot,
  type IMailService,
  MailHost,
  MailSni,
  type MailSniProps,
  PrivateCa,
  Qmail,
  QmailSmtps,
} from "../../../../lib";
import { testStack } from "../../../support/synthesized";

/** Servers of which no rule has anything to say. */
export function quietServices(): IMailService[] {
  return [Qmail.standard({ smtps: QmailSmtps.PER_NAME }), Dovecot.v23()];
}

/** A host of its own, at no place of another. */
export function hostOf(stack: TerraformStack, id: string, services = quietServices()): MailHost {
  return MailHost.local(stack, id, { root: `./out/${id}`, services });
}

/** One with which the domain itself, its `pop` and `pop3` are optional. */
export function acmeIssuer(stack: TerraformStack): AcmeIssuer {
  return AcmeIssuer.letsEncrypt(stack, "le", { challenge: Challenge.httpWebroot("/var/www/acme") });
}

/** A `MailSni` on one host, with `domain1.tld` as its default and nothing else. */
export function declare(
  services: IMailService[] = quietServices(),
  props: Partial<MailSniProps> = {},
  stack: TerraformStack = testStack("stack"),
) {
  // Wherever the tests run: the stack's own directory is closed.
  new LocalBackend(stack, { path: "terraform.tfstate" });
  const mx1 = hostOf(stack, "mx1", services);
  const issuer = new PrivateCa(stack, "ca");
  const sni = new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "domain1.tld", ...props });
  const domain1 = sni.addDomain("domain1.tld");
  return { stack, mx1, issuer, sni, domain1 };
}
