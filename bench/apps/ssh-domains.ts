import { Dovecot, MailHost, MailProtocol, MailSni, PrivateCa, Qmail } from "../../lib";
import { addDomains, benchStack, synthesize } from "../app-stack";
import type { SshBenchHost } from "../ssh-host";

/** A stack of so many mail domains, with six names each, for qmail and a Dovecot that runs, on each of some hosts by ssh. */
const [outdir = "", providerDirectory = "", count = "", hosts = ""] = process.argv.slice(2);

const stack = benchStack(outdir, providerDirectory);
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
addDomains(sni, Number(count));
synthesize(stack);
