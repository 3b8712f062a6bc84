import { certificateLines, Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import type { Requirement } from "../../support/machine";
import { dovecot23, dovecot24 } from "../../support/requirements";
import { oddPemScenarios } from "./odd-pem-scenarios";

/** What a real Dovecot does with odd PEMs. */
export function oddDovecot(version: DovecotVersion): void {
  const requirement: Requirement = version === "2.3" ? dovecot23 : dovecot24;
  oddPemScenarios({
    title: `odd PEMs and Dovecot ${version}`,
    requirement,
    // That of Debian 13.
    takesWeakSignatures: version === "2.4",
    async start(pems, defaultPem) {
      const server = await Dovecot.start({
        version,
        globalCertificate: null,
        files: (directory) => filesFor(version, directory, pems, defaultPem),
      });
      return { port: server.ports.imaps, stop: () => server.stop() };
    },
  });
}

function filesFor(
  version: DovecotVersion,
  directory: string,
  pems: Readonly<Record<string, string>>,
  defaultPem: string,
): Record<string, string> {
  const blocks = Object.keys(pems).map(
    (name) => `local_name ${name} {\n${certificateLines(version, `${directory}/private/${name}.pem`)}}\n`,
  );
  return {
    "private/default.pem": defaultPem,
    "conf.d/10-ssl.conf": `ssl = yes\n${certificateLines(version, `${directory}/private/default.pem`)}`,
    "conf.d/20-names.conf": blocks.join(""),
    ...Object.fromEntries(Object.entries(pems).map(([name, pem]) => [`private/${name}.pem`, pem])),
  };
}
