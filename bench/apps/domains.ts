import { Dovecot, MailHost, MailSni, PrivateCa, Qmail } from "../../lib";
import { addDomains, benchStack, synthesize } from "../app-stack";

/** A stack of so many mail domains, with six names each, for qmail and Dovecot on one host. */
const [outdir = "", providerDirectory = "", root = "", count = ""] = process.argv.slice(2);

const stack = benchStack(outdir, providerDirectory);
const sni = new MailSni(stack, "sni", {
  hosts: [MailHost.local(stack, "mx1", { root, services: [Qmail.standard(), Dovecot.v23()] })],
  issuer: new PrivateCa(stack, "ca"),
  defaultDomain: "domain1.test",
});
addDomains(sni, Number(count));
synthesize(stack);
