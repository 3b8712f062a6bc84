import { posix } from "node:path";
import { LETS_ENCRYPT_DIRECTORY, LETS_ENCRYPT_STAGING_DIRECTORY } from "../../../shared/acme/lets-encrypt";
import { type AliasFault, directoryOf, readDomainsTxt } from "../../../shared/dehydrated/domains-txt";
import { LONGEST_PATH } from "../../../shared/transport/paths";
import type { ConfigurationFile } from "../../inputs/configuration-files";
import { type FoundChallenge, ofKind, type Row, type Store } from "./source";

/** The settings of dehydrated, with its defaults. */
export interface DehydratedSettings {
  readonly certificates: string;
  readonly domainsTxt: string;
  readonly dropIns: string;
  readonly hook: string | null;
  readonly directoryUrl: string | null;
  readonly challenge: FoundChallenge;
  /** The directory of all accounts. */
  readonly accounts: string;
}

/** Null if there is no dehydrated. */
export function dehydratedSettings(files: readonly ConfigurationFile[]): DehydratedSettings | null {
  const found = ofKind(files, "dehydrated");
  const [first] = found;
  if (first === undefined) return null;
  // Of several main files dehydrated reads the first alone.
  const base = posix.dirname(first.path).replace(/\/conf\.d$/, "");
  const values = new Map([["BASEDIR", base]]);
  for (const { path, lines } of found) {
    if (path.startsWith(`${base}/`)) for (const { text } of lines) assign(text, values);
  }
  const basedir = values.get("BASEDIR") as string;
  const domainsTxt = values.get("DOMAINS_TXT") ?? `${basedir}/domains.txt`;
  return {
    certificates: values.get("CERTDIR") ?? `${basedir}/certs`,
    domainsTxt,
    dropIns: `${domainsTxt}.d`,
    hook: values.get("HOOK") || null,
    directoryUrl: directoryUrl(values.get("CA")),
    challenge: challengeOf(values),
    accounts: values.get("ACCOUNTDIR") ?? `${basedir}/accounts`,
  };
}

/**
 * Reads an assignment of a shell. Variables in it are replaced if they are known; commands are not run. What is longer than a path is
 * not taken: each of a few lines could double the one before it.
 */
function assign(line: string, values: Map<string, string>): void {
  const [, name, rest] = /^\s*(?:export\s+)?([A-Z_]+)=(.*)$/.exec(line) ?? [];
  if (name === undefined || rest === undefined || rest.length > LONGEST_PATH) return;
  const [, double, single, bare] = /^(?:"([^"]*)"|'([^']*)'|([^\s#;]*))/.exec(rest) ?? [];
  const value =
    single ??
    (double ?? bare ?? "").replace(VARIABLE, (_, braced, plain) => values.get(braced ?? plain) ?? "");
  if (value.length > LONGEST_PATH) return;
  values.set(name, value.length > 1 ? value.replace(/\/$/, "") : value);
}

const VARIABLE = /\$(?:\{([A-Z_]+)\}|([A-Z_]+))/g;

/** The names that dehydrated has for directories. */
const PRESETS: ReadonlyMap<string, string | null> = new Map([
  ["letsencrypt", null],
  ["letsencrypt-test", LETS_ENCRYPT_STAGING_DIRECTORY],
  ["zerossl", "https://acme.zerossl.com/v2/DV90"],
  ["buypass", "https://api.buypass.com/acme/directory"],
  ["google", "https://dv.acme-v02.api.pki.goog/directory"],
]);

function directoryUrl(ca: string | undefined): string | null {
  if (ca === undefined || ca === "") return null;
  return PRESETS.get(ca) ?? (/^https:\/\//.test(ca) ? ca : null);
}

function challengeOf(values: ReadonlyMap<string, string>): FoundChallenge {
  if (values.get("CHALLENGETYPE") === "dns-01") return { kind: "dns", words: values.get("HOOK") ?? "" };
  return { kind: "webroot", path: values.get("WELLKNOWN") || "/var/www/dehydrated" };
}

const FAULTS: Readonly<Record<AliasFault, string>> = {
  several: "it has several aliases",
  missing: "nothing follows its `>`",
  wildcard: "a wildcard cannot name a directory: it needs an alias",
};

/** The rows of `domains.txt`, as dehydrated reads them. */
export function dehydratedRows(settings: DehydratedSettings, files: readonly ConfigurationFile[]): Row[] {
  const accountKey = accountKeyOf(settings);
  return ofKind(files, "domains").flatMap(({ path, lines }) =>
    readDomainsTxt(lines.map(({ text }) => text).join("\n"), path).map(({ aliasFault, ...row }): Row => {
      const directory = `${settings.certificates}/${directoryOf(row)}`;
      return {
        client: "dehydrated",
        title: directoryOf(row),
        names: row.names,
        source: row.source,
        certificate: `${directory}/fullchain.pem`,
        key: `${directory}/privkey.pem`,
        directoryUrl: settings.directoryUrl,
        challenge: settings.challenge,
        accountKey,
        ...(aliasFault !== undefined && { fault: FAULTS[aliasFault] }),
      };
    }),
  );
}

/** The directory of an account has the CA's URL, with a line feed, as its name: base64url. */
function accountKeyOf({ accounts, directoryUrl }: DehydratedSettings): string {
  const place = Buffer.from(`${directoryUrl ?? LETS_ENCRYPT_DIRECTORY}\n`).toString("base64url");
  return `${accounts}/${place}/account_key.pem`;
}

export function dehydratedStore({ certificates }: DehydratedSettings): Store {
  return { client: "dehydrated", directory: certificates, certificate: "fullchain.pem", key: "privkey.pem" };
}
