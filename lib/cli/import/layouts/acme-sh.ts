import { posix } from "node:path";
import type { ConfigurationFile } from "../../inputs/configuration-files";
import { type FoundChallenge, ofKind, type Row } from "./source";

/**
 * The certificates of acme.sh: `DOMAIN/DOMAIN.conf`, or `DOMAIN_ecc/DOMAIN.conf` for an ECDSA key. `Le_Alt` is `no` if there is
 * one name alone.
 */
export function acmeShRows(files: readonly ConfigurationFile[]): Row[] {
  return ofKind(files, "acme.sh").flatMap(({ path, lines }): Row[] => {
    const values = new Map(lines.flatMap(({ text }) => assignment(text)));
    const domain = values.get("Le_Domain");
    if (domain === undefined || posix.basename(path) !== `${domain}.conf`) return [];
    const others = values.get("Le_Alt") ?? "no";
    const directory = posix.dirname(path);
    const installs = ["Le_RealFullChainPath", "Le_RealCertPath", "Le_RealKeyPath"]
      .flatMap((name) => values.get(name) ?? [])
      .filter((file) => file.startsWith("/"));
    return [
      {
        client: "acme.sh",
        title: posix.basename(directory),
        names: [domain, ...(others === "no" || others === "" ? [] : others.split(","))],
        source: path,
        certificate: `${directory}/fullchain.cer`,
        key: `${directory}/${domain}.key`,
        directoryUrl: values.get("Le_API") ?? null,
        challenge: challengeOf(values.get("Le_Webroot") ?? ""),
        ...accountOf(values.get("Le_API"), posix.dirname(directory)),
        ...(installs.length > 0 && { installs }),
      },
    ];
  });
}

/** `ca/HOST/PATH/account.key`, with the CA's URL as a path: without its port. */
function accountOf(api: string | undefined, base: string): Pick<Row, "accountKey"> {
  const [, host, path = ""] =
    /^https:\/\/([A-Za-z0-9.-]+)(?::\d{1,5})?((?:\/[A-Za-z0-9._-]+)*)$/.exec(api ?? "") ?? [];
  return host === undefined ? {} : { accountKey: `${base}/ca/${host}${path}/account.key` };
}

function assignment(line: string): [name: string, value: string][] {
  const [, name, value] = /^(Le_\w+)='([^']*)'/.exec(line) ?? [];
  return name === undefined || value === undefined || value === "" ? [] : [[name, value]];
}

/** `Le_Webroot` is a directory, the name of a DNS plugin, or `no` for a server of its own. */
function challengeOf(webroot: string): FoundChallenge {
  const [first = ""] = webroot.split(",");
  if (first.startsWith("dns")) return { kind: "dns", words: first };
  return first.startsWith("/") ? { kind: "webroot", path: first } : null;
}
