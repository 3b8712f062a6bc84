import { COMMAND_NOT_FOUND, otherVersion } from "../../../../shared/service/version-and-arrival";
import { sentence } from "../../../../shared/transport/sentence";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, skipped } from "../../examination/finding";
import { type HostThere, throughShell } from "./host-there";

export const serviceVersion: Check<HostThere> = {
  id: "service-version",
  looksAt: "the version of each service that the stack declares one of, such as Dovecot 2.3 or 2.4",
  reports: "not installed, another version than the declared one",
  findings: (host) =>
    throughShell(async () => {
      const { services, connection } = host.declared;
      if (!connection.applyOwnership) return [skipped("a deploy runs no commands there")];
      const versions = services.flatMap(({ name, version }) => (version === null ? [] : [{ name, version }]));
      if (versions.length === 0) return [skipped("no service has a declared version")];
      const said = await host.ask(versions.map(({ version }) => version.print));
      const problems = versions.flatMap(({ name, version }, index): Finding[] => {
        const { print, expected, advice } = version;
        const answer = said[index];
        if (answer === undefined)
          return [skipped(`\`${print.join(" ")}\` took too long, or printed too much`)];
        if (answer.status === COMMAND_NOT_FOUND) return [notInstalled(name, print)];
        const installed = otherVersion(version, answer.text);
        if (installed === undefined) return [];
        return [
          failure(
            `${name} is version ${installed}, and the stack declares ${expected}: the deploy will write no file for it.`,
            sentence(advice),
          ),
        ];
      });
      return orWell(problems, "each service has its declared version");
    }),
};

function notInstalled(name: string, print: readonly string[]): Finding {
  return failure(
    `${name} is not installed there: \`${print[0]}\` does not exist. The deploy will write no file for it.`,
    "Install it, or remove the service from the host in the program.",
  );
}
