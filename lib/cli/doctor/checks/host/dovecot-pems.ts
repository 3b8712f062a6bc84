import { isDovecot } from "../../../../shared/dovecot/includes";
import { argumentLists } from "../../../../shared/transport/argument-lists";
import { onHost, rootPrefix, withoutRoot } from "../../../../shared/transport/connection-settings";
import { type ConfigurationFile, filesIn } from "../../../inputs/configuration-files";
import dovecotFiles from "../../../inputs/dovecot-files.sh";
import { plural } from "../../../output/plural";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, skipped } from "../../examination/finding";
import { type HostThere, throughShell } from "./host-there";
import { type NamedFile, namedFiles } from "./named-files";
import unopenedScript from "./unopened.sh";

const READ_CONFIGURATION = `root=$1\n${dovecotFiles}\ndovecot_file "$2" 0`;
/** A server may have thousands of blocks: of more findings than these, only the number is said. */
const MOST_FINDINGS = 10;
const ROOT = "0";

export const dovecotPems: Check<HostThere> = {
  id: "dovecot-pems",
  looksAt:
    "the certificate and key files that Dovecot's configuration names, also where another setting overrides them",
  reports: "missing, unreadable or in a closed directory, so that Dovecot will not start",
  findings: (host) =>
    throughShell(async () => {
      const services = host.declared.services.filter(({ configuration }) => isDovecot(configuration));
      if (services.length === 0) return [skipped("no service is a Dovecot")];
      const findings: Finding[] = [];
      for (const { name, configuration } of services) {
        const files = await configurationFiles(host, configuration?.file ?? "");
        if (files === undefined) {
          findings.push(skipped(`the configuration of ${name} takes too long to read`));
          continue;
        }
        findings.push(...(await findingsOf(host, name, namedFiles(files))));
      }
      return orWell(findings, "Dovecot can open every file that its configuration names");
    }),
};

/** Undefined if they cannot be read. */
async function configurationFiles(host: HostThere, main: string): Promise<ConfigurationFile[] | undefined> {
  const { connection } = host.declared;
  const command = ["sh", "-c", READ_CONFIGURATION, "sh", rootPrefix(connection), onHost(connection, main)];
  const [said] = await host.ask([command]);
  if (said === undefined) return undefined;
  return filesIn(said.text.split("\n"), (path) => withoutRoot(connection, path));
}

async function findingsOf(
  host: HostThere,
  service: string,
  named: ReadonlyMap<string, readonly NamedFile[]>,
): Promise<Finding[]> {
  // The deploy writes its own files again.
  const others = [...named.keys()].filter((path) => !host.files.paths.has(path));
  const unopened = await unopenedOf(host, others);
  if (unopened === undefined) return [skipped(`the files that ${service} names take too long to open`)];
  const { isRoot, files } = unopened;
  // Dovecot opens them as root, who passes directories that are closed to this user.
  const certain = files.filter(({ cause }) => isRoot || !HIDDEN.has(cause));
  const problems = certain.map((file) => problem(service, file, named.get(file.path) ?? []));
  const hidden = files.length - certain.length;
  return [
    ...problems.slice(0, MOST_FINDINGS),
    ...(problems.length > MOST_FINDINGS ? [moreProblems(service, problems.length - MOST_FINDINGS)] : []),
    ...(hidden > 0
      ? [skipped(`the user of the deploy cannot see ${plural(hidden, "file")} that ${service} names`)]
      : []),
  ];
}

type Cause = "closed" | "link" | "missing" | "no file" | "unreadable";

/** What another user than root cannot tell. */
const HIDDEN: ReadonlySet<Cause> = new Set(["closed", "unreadable"]);

interface UnopenedFile {
  readonly path: string;
  readonly cause: Cause;
  /** The directory that is closed. */
  readonly directory: string;
}

async function unopenedOf(
  host: HostThere,
  paths: readonly string[],
): Promise<{ readonly isRoot: boolean; readonly files: readonly UnopenedFile[] } | undefined> {
  const { connection } = host.declared;
  const lists = argumentLists(paths.map((path) => onHost(connection, path)));
  const said = await host.ask(lists.map((list) => ["sh", "-c", unopenedScript, "sh", ...list]));
  if (said.includes(undefined)) return undefined;
  const lines = said.flatMap((answer) => answer?.text.split("\n") ?? []).map((line) => line.split("\t"));
  return {
    isRoot: lines.some(([tag, user]) => tag === "I" && user === ROOT),
    files: lines.flatMap(([cause, directory = "", ...path]) =>
      cause === undefined || !Object.hasOwn(CAUSES, cause)
        ? []
        : [
            {
              path: withoutRoot(connection, path.join("\t")),
              cause: cause as Cause,
              directory: withoutRoot(connection, directory),
            },
          ],
    ),
  };
}

const CAUSES: Readonly<Record<Cause, (directory: string) => string>> = {
  closed: (directory) => `cannot be reached, because ${directory} is closed`,
  link: () => "is a link that leads nowhere",
  missing: () => "does not exist",
  "no file": () => "is not a regular file",
  unreadable: () => "cannot be read",
};

const MOST_PLACES = 3;

function problem(
  service: string,
  { path, cause, directory }: UnopenedFile,
  places: readonly NamedFile[],
): Finding {
  const shown = places.slice(0, MOST_PLACES).map(placeOf).join("; ");
  const more = places.length > MOST_PLACES ? `; and ${places.length - MOST_PLACES} more` : "";
  return failure(
    `${service} will not start again, such as after a reboot: ${path} ${CAUSES[cause](directory)}. It is named in ${shown}${more}.`,
    `${REMEDIES[cause]} Or put a # in front of the setting, and of the block if nothing else is in it: ${service} opens the file even if a later setting overrides it. Until then a reload keeps the earlier configuration, so the deploy's certificates are not served. Then run doveadm reload, and look into the log.`,
  );
}

function placeOf({ setting, file, line, block }: NamedFile): string {
  return `${file}:${line} (${setting}${block === null ? "" : ` of ${block}`})`;
}

const PUT_BACK = "Put the file back.";
const REMEDIES: Readonly<Record<Cause, string>> = {
  closed: "Let root enter the directory.",
  link: PUT_BACK,
  missing: PUT_BACK,
  "no file": "Put a PEM file there.",
  unreadable: "Let root read the file; ls -l and the file system's mount options show why it cannot.",
};

function moreProblems(service: string, count: number): Finding {
  return failure(
    `${service} names ${plural(count, "more file")} that cannot be opened.`,
    "Correct those above, and run doctor again.",
  );
}
