import { NameServerFailure } from "../../../../shared/dns/name-servers";
import { challengeProblem, problemAtAny } from "../../../../shared/http/challenge-look";
import { sentence } from "../../../../shared/transport/sentence";
import type { NameLookups } from "../../../dns/name-lookups";
import type { Check } from "../../examination/check";
import { failure, skipped, well } from "../../examination/finding";
import type { WebrootProbe } from "./webroot-probe";

/** A name, and the probes on all hosts that it may lead to. */
export interface ProbedName {
  readonly name: string;
  readonly webroot: string;
  readonly dnsServers: readonly string[] | null;
  readonly probes: readonly WebrootProbe[];
  readonly lookups: NameLookups;
}

/** The webroot of a host. */
export const webrootOfHost: Check<WebrootProbe> = {
  id: "webroot-file",
  looksAt: "with `--write-probe`: the webroot on each host, by a random file that is removed afterwards",
  reports: "that no file can be written there",
  async findings(probe) {
    const problem = await probe.written();
    if (problem === null) return [well("a file can be written below the webroot")];
    return [
      failure(
        `No file can be written below the webroot: ${sentence(problem)}`,
        "Correct that, or the webroot of the challenge in the program: the tokens of a CA are written there.",
      ),
    ];
  },
};

export const webroot: Check<ProbedName> = {
  id: "webroot",
  looksAt: "with `--write-probe`: port 80 at each address of each name that is proven by http-01",
  reports: "that the random file is not served there",
  async findings({ name, webroot: directory, dnsServers, probes, lookups }) {
    const problems = await Promise.all(probes.map((probe) => probe.written()));
    const file = probes[0]?.file;
    if (file === undefined || problems.every((problem) => problem !== null))
      return [skipped("no file could be written to a host")];
    try {
      const addresses = await lookups.addresses(name, dnsServers);
      if (addresses.length === 0) return [skipped("it has no address")];
      const challenge = { name, token: file.token, keyAuthorization: file.text };
      const wrong = await problemAtAny(addresses, (address) => challengeProblem(address, challenge));
      if (wrong === null) return [well(`${name} serves what is in ${directory}`)];
      return [
        failure(
          sentence(`${name}: ${wrong}`),
          `Have the name lead to a host of the stack, where a web server on port 80 serves ${directory} for it, and let port 80 through every firewall.`,
        ),
      ];
    } catch (error) {
      if (error instanceof NameServerFailure) return [skipped(error.message)];
      throw error;
    }
  },
};
