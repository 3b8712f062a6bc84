import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Member } from "../../shared/json/member";
import { isPlainPath } from "../../shared/plain-path";
import { parseProjectFile, type SynthesizedStack } from "./project";
import { knownText, literalOf } from "./template";

/** A mail host that issues certificates itself. */
export interface IssuingHost {
  /** Its name in the provider block. */
  readonly host: string;
  /** The absolute path on the host of the file with the result of the last run. */
  readonly resultFile: string;
  /** The command on the host that orders and installs the certificates. */
  readonly command: string;
  /** The mail domains whose certificates it issues. */
  readonly domains: readonly string[];
}

const MOST_JOBS = 10_000;
const MOST_DOMAINS = 1_000_000;
const MOST_WORDS = 100;

/**
 * The hosts of a synthesized stack that issue certificates themselves: those with a `mailsni_host_job` that has certificates.
 * A job with expressions, which only the engine evaluates, is left out. None if there is no `cdk.tf.json`.
 *
 * @throws CliError `CLI_PROJECT_INVALID`
 */
export function issuingHostsOf({ directory }: SynthesizedStack): readonly IssuingHost[] {
  const path = join(directory, "cdk.tf.json");
  if (!existsSync(path)) return [];
  return parseProjectFile(path, (document) => {
    const jobs = document
      .member("resource")
      .optional((resources) =>
        resources.member("mailsni_host_job").optional((list) => list.entries(MOST_JOBS, issuingHost)),
      );
    return (jobs ?? []).flatMap(([, job]) => job ?? []);
  });
}

function issuingHost(job: Member): IssuingHost | null {
  const [host, resultFile] = [knownText(job.member("host")), knownText(job.member("result_file"))];
  const domains = job
    .member("certificates")
    .optional((rows) => rows.entries(MOST_DOMAINS, () => null))
    ?.flatMap(([domain]) => literalOf(domain) ?? []);
  if (host === null || resultFile === null || domains === undefined || !isPlainPath(resultFile)) return null;
  const words = job.member("command").optional((list) => list.list(MOST_WORDS, knownText));
  return { host, resultFile, command: (words ?? []).join(" "), domains };
}
