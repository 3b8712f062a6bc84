import { App, LocalBackend, TerraformStack } from "cdktf";
import { Dovecot, MailHost, MailProtocol, MailSni, PrivateCa, Qmail } from "../../lib";
import { PEAK_MEMORY_LINE } from "../child";
import type { SshBenchHost } from "../ssh-host";

/** A stack of so many mail domains, with six names each, for qmail and a Dovecot that runs, on each of some hosts by ssh. */
const [outdir = "", providerDirectory = "", count = "", hosts = ""] = process.argv.slice(2);

const app = new App({
  outdir,
  context: { "mail-sni:provider-directory": providerDirectory, "mail-sni:table": outdir },
});
const stack = new TerraformStack(app, "bench");
new LocalBackend(stack, { path: "terraform.tfstate" });
const sni = new MailSni(stack, "sni", {
  hosts: (JSON.parse(hosts) as SshBenchHost[]).map(({ qmail, dovecot, ...props }, index) =>
    MailHost.ssh(stack, `mx${index + 1}`, {
      ...props,
      services: [
        Qmail.standard({ directory: qmail, group: "root", endpoints: [] }),
        Dovecot.v23({
          directory: dovecot.directory,
          configurationFile: dovecot.configFile,
          endpoints: [{ port: dovecot.imaps, protocol: MailProtocol.TLS }],
        }),
      ],
    }),
  ),
  issuer: new PrivateCa(stack, "ca"),
  defaultDomain: "domain1.test",
});
for (let number = 1; number <= Number(count); number++) sni.addDomain(`domain${number}.test`);
app.synth();
console.log(PEAK_MEMORY_LINE, process.resourceUsage().maxRSS);
