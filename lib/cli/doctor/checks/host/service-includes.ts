import { posix } from "node:path";
import type { ArrivalBlock } from "../../../../shared/provider-block/blocks";
import { COMMAND_NOT_FOUND, showsArrival } from "../../../../shared/service/version-and-arrival";
import { onHost } from "../../../../shared/transport/connection-settings";
import { sentence } from "../../../../shared/transport/sentence";
import type { DeclaredService } from "../../declared/declared-host";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, skipped, warning } from "../../examination/finding";
import { matchesGlob } from "./glob";
import { type HostThere, throughShell } from "./host-there";

export const serviceIncludes: Check<HostThere> = {
  id: "service-includes",
  looksAt:
    "whether the configuration of a service includes the files of the deploy, such as Dovecot's `conf.d/*.conf`",
  reports: "not included, a configuration that the service refuses already",
  findings: (host) =>
    throughShell(async () => {
      if (!host.declared.connection.applyOwnership) return [skipped("a deploy runs no commands there")];
      const findings: Finding[] = [];
      for (const service of host.declared.services) {
        if (service.arrival !== null)
          findings.push(...(await arrivalFindings(host, service, service.arrival)));
      }
      return orWell(findings, "each service includes the files of the deploy");
    }),
};

async function arrivalFindings(
  host: HostThere,
  service: DeclaredService,
  arrival: ArrivalBlock,
): Promise<Finding[]> {
  const [said] = await host.ask([arrival.list]);
  const command = `\`${arrival.list.join(" ")}\``;
  if (said === undefined) return [skipped(`${command} took too long, or printed too much`)];
  // The check of the version says so.
  if (said.status === COMMAND_NOT_FOUND) return [];
  if (said.status !== 0) return [refused(service.name, command)];
  if (showsArrival(arrival, said.text) !== false) return [];
  const files = host.files.baseFiles.filter((file) => file.service === service.name).map(({ path }) => path);
  if (await areThere(host, files)) return [notRead(service.name, files, arrival)];
  const [file] = await notIncluded(host, service, files);
  return file === undefined ? [] : [notRead(service.name, [file], arrival)];
}

function refused(name: string, command: string): Finding {
  return warning(
    `${command} fails there: ${name} refuses its present configuration, so it will not load the new one either.`,
    "Run it on the host, and fix what it reports.",
  );
}

function notRead(name: string, files: readonly string[], { advice }: ArrivalBlock): Finding {
  return failure(
    `${name} does not include ${files.join(", ")}: the deploy will be refused, since nothing would be served.`,
    sentence(advice),
  );
}

/** Whether an earlier deploy has written the files: then the service should show them. */
async function areThere(host: HostThere, files: readonly string[]): Promise<boolean> {
  if (files.length === 0) return false;
  const paths = files.map((path) => onHost(host.declared.connection, path));
  const said = await host.ask(paths.map((path) => ["test", "-e", path]));
  return said.every((answer) => answer?.status === 0);
}

/** Before the first deploy: the files that no line of the main configuration file will include. */
async function notIncluded(
  host: HostThere,
  { configuration }: DeclaredService,
  files: readonly string[],
): Promise<readonly string[]> {
  if (configuration?.includes == null) return [];
  const { file, includes } = configuration;
  const [said] = await host.ask([
    ["grep", "-hE", "-e", includes, "--", onHost(host.declared.connection, file)],
  ]);
  // Status 1: there is no such line. Anything else says nothing.
  if (said === undefined || said.status > 1) return [];
  const patterns = said.text.split("\n").flatMap((line) => includedBy(line, file));
  return files.filter((path) => !patterns.some((pattern) => matchesGlob(path, pattern)));
}

/** The second word of a line, as an absolute path. */
function includedBy(line: string, file: string): string[] {
  const pattern = line.trim().split(/\s+/)[1];
  return pattern === undefined ? [] : [posix.resolve(posix.dirname(file), pattern)];
}
