import { App, LocalBackend, TerraformStack } from "cdktf";
import { Dovecot, MailHost, MailSni, PrivateCa, Qmail } from "../../lib";
import { PEAK_MEMORY_LINE } from "../child";

/** A stack of so many mail domains, with six names each, for qmail and Dovecot on one host. */
const [outdir = "", providerDirectory = "", root = "", count = ""] = process.argv.slice(2);

const app = new App({
  outdir,
  context: { "mail-sni:provider-directory": providerDirectory, "mail-sni:table": outdir },
});
const stack = new TerraformStack(app, "bench");
new LocalBackend(stack, { path: "terraform.tfstate" });
const sni = new MailSni(stack, "sni", {
  hosts: [MailHost.local(stack, "mx1", { root, services: [Qmail.standard(), Dovecot.v23()] })],
  issuer: new PrivateCa(stack, "ca"),
  defaultDomain: "domain1.test",
});
for (let number = 1; number <= Number(count); number++) sni.addDomain(`domain${number}.test`);
app.synth();
console.log(PEAK_MEMORY_LINE, process.resourceUsage().maxRSS);
