import { CHALLENGES } from "../../shared/acme/challenge-path";
import type { CertificateFacts } from "../../shared/certificate-facts";
import { groupBy } from "../../shared/grouping";
import { shellQuote } from "../../shared/transport/shell-quote";
import type { Activation, DeliveredPem } from "./delivered";
import { commonKind, type KeyKind, kindSettings, type RowKey } from "./row-key";

/** Where plain dehydrated is on the host, and how it proves names. */
export interface RenewalSetting {
  readonly directory: string;
  readonly workDirectory: string;
  readonly ca: string;
  /** CA certificates (PEM) that the CA's own is verified against; null for the public CAs. */
  readonly caPem: string | null;
  readonly contact: string | null;
  /** What a web server serves on port 80; null with a hook for DNS. */
  readonly webroot: string | null;
  readonly dnsHook: string | null;
  /** Whether each renewal keeps the key, for TLSA records (RFC 6698) of keys. */
  readonly keepsKeys: boolean;
  /** What the stack asks of the CA, for people; dehydrated 0.7.0 does not ask for it. */
  readonly notAsked: readonly string[];
}

/** A file, and the certificate that is in it now. */
export interface InstalledPem extends DeliveredPem {
  readonly leaf: CertificateFacts;
  readonly key: RowKey;
}

/** A certificate: a row of `domains.txt`, and the files that it belongs in. */
export interface RenewalRow {
  readonly alias: string;
  readonly names: readonly string[];
  readonly key: RowKey;
  readonly files: readonly InstalledPem[];
}

/** The rows for what is installed: files with the same certificate are one. */
export function renewalRows(installed: readonly InstalledPem[]): RenewalRow[] {
  const taken = new Set<string>();
  const groups = [...groupBy(installed, ({ leaf }) => leaf.fingerprintSha256).values()];
  return groups.map((files): RenewalRow => {
    const [{ leaf, key }] = files;
    const names = leaf.dnsNames;
    const title = (names.find((name) => !name.startsWith("*")) ?? names[0] ?? "").replace(/^\*\./, "");
    let alias = title;
    for (let number = 2; taken.has(alias); number++) alias = `${title}-${number}`;
    taken.add(alias);
    return { alias, names, key, files };
  });
}

/** Whether only DNS proves the names: CAs offer no other challenge for a wildcard. */
export function hasWildcard({ names }: RenewalRow): boolean {
  return names.some((name) => name.startsWith("*"));
}

/** What dehydrated has of a row, compared with what is installed. */
export type CopyState =
  /** Nothing, or a certificate that was replaced since, or one for other names: what is installed is copied. */
  | "outdated"
  | "same"
  /** What dehydrated has renewed was not installed. */
  | "newer";

/** @param copy what dehydrated has; undefined for nothing */
export function copyState(
  { files: [file], names }: RenewalRow,
  copy: CertificateFacts | undefined,
): CopyState {
  if (file === undefined || copy === undefined) return "outdated";
  if (copy.fingerprintSha256 === file.leaf.fingerprintSha256) return "same";
  const isForSame = JSON.stringify([...copy.dnsNames].sort()) === JSON.stringify([...names].sort());
  return isForSame && copy.notBefore > file.leaf.notBefore ? "newer" : "outdated";
}

/** The files of a plain dehydrated, by the name in its directory. Nothing of this package is in them. */
export function renewalTexts(
  rows: readonly RenewalRow[],
  activations: readonly Activation[],
  setting: RenewalSetting,
): ReadonlyMap<string, string> {
  return new Map([
    ["config", configText(setting, commonKind(rows.map(({ key }) => key)))],
    ["domains.txt", rows.map(({ alias, names }) => `${names.join(" ")} > ${alias}\n`).join("")],
    ["targets", targetsText(rows)],
    ["reload", reloadText(activations)],
    ["hook", hookText(setting)],
    ...(setting.caPem === null ? [] : [["ca.pem", setting.caPem] as const]),
  ]);
}

function configText(setting: RenewalSetting, kind: KeyKind): string {
  const { directory, workDirectory, ca, contact, webroot, caPem, keepsKeys } = setting;
  const values: Readonly<Record<string, string | null>> = {
    BASEDIR: workDirectory,
    DOMAINS_TXT: `${directory}/domains.txt`,
    DOMAINS_D: `${directory}/${ROW_SETTINGS}`,
    HOOK: `${directory}/hook`,
    CA: ca,
    CONTACT_EMAIL: contact,
    PRIVATE_KEY_RENEW: keepsKeys ? "no" : null,
    CHALLENGETYPE: webroot === null ? "dns-01" : "http-01",
    WELLKNOWN: webroot === null ? null : tokenDirectory(webroot),
    CURL_OPTS: caPem === null ? null : `--cacert ${directory}/ca.pem`,
  };
  const lines = Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${shellQuote(value)}\n`],
  );
  return `# The configuration of dehydrated, which bash reads. Run: dehydrated -c --accept-terms -f ${directory}/config\n${lines.join("")}${kindSettings(kind)}`;
}

/** Where tokens are for the web server (RFC 8555 §8.3). */
export function tokenDirectory(webroot: string): string {
  return `${webroot}/${CHALLENGES}`;
}

/** The directory with settings of single rows, beside the configuration. */
export const ROW_SETTINGS = "domains.d";

/** The first line of a file in it that `eject` has written. */
export const ROW_SETTINGS_TITLE = "# The kind of this row's key, which bash reads after config.";

/** The settings of a row, whose kind of key may not be that of most. */
export interface RowSettings {
  readonly row: RenewalRow;
  /** Whether the configuration would have dehydrated make another kind of key. */
  readonly isNeeded: boolean;
  readonly text: string;
}

export function rowSettings(rows: readonly RenewalRow[]): RowSettings[] {
  const common = kindSettings(commonKind(rows.map(({ key }) => key)));
  return rows.map((row) => {
    const settings = kindSettings(row.key);
    return { row, isNeeded: settings !== common, text: `${ROW_SETTINGS_TITLE}\n${settings}` };
  });
}

function targetsText(rows: readonly RenewalRow[]): string {
  const lines = rows.flatMap(({ alias, files }) =>
    files.map(({ path, mode, owner, group }) => [alias, mode, owner ?? "-", group ?? "-", path].join("\t")),
  );
  return `# Row of domains.txt, mode, owner, group, file: key and certificates in one. Separated by tabs.\n${lines.map((line) => `${line}\n`).join("")}`;
}

function reloadText(activations: readonly Activation[]): string {
  const lines = activations.map(
    ({ service, command }) => `# ${service}\n${command.map(shellQuote).join(" ")} || failed=yes\n`,
  );
  return `#!/bin/sh
# Run after certificates have changed.
failed=''
${lines.join("")}[ -z "$failed" ]
`;
}

function hookText({ directory, workDirectory, dnsHook }: RenewalSetting): string {
  const forDns =
    dnsHook === null ? "" : `  deploy_challenge | clean_challenge) exec ${shellQuote(dnsHook)} "$@" ;;\n`;
  return `#!/bin/sh
# The hook of dehydrated: puts a new key and its certificates where the mail servers read them, and reloads these at the end. What
# could not be installed is tried again at each run of dehydrated.
set -u
here=${shellQuote(directory)}
targets=${shellQuote(`${directory}/targets`)}
work=${shellQuote(workDirectory)}
changed=$work/changed

say() {
  printf '%s\\n' "$*" >&2
  logger -t mail-renewal -- "$*" 2>/dev/null || true
}

install_in_all() { # row, key, certificates, function that says whether a file is to be replaced
  tab=$(printf '\\t')
  failed=''
  while IFS=$tab read -r row mode owner group path; do
    if [ "$row" = "$1" ] && "$4" "$3" "$path"; then
      install_in "$2" "$3" || { say "$path: the new certificate of $row could not be installed"; failed=yes; }
    fi
  done <"$targets"
  [ -z "$failed" ]
}

# The file gets its owner and mode in a directory of root: where another user can change names, these may lead elsewhere.
install_in() { # key, certificates
  new=$work/new
  rm -f "$new" && true >"$changed" && (umask 077 && cat "$1" "$2" >"$new") &&
    { [ "$owner" = - ] || chown "$owner" "$new"; } && { [ "$group" = - ] || chgrp "$group" "$new"; } &&
    chmod "$mode" "$new" && (cd -P -- "\${path%/*}" && put_in "$new" .mail-renewal.new "\${path##*/}")
  set -- "$?"
  rm -f "$new"
  return "$1"
}

# In the directory of the file. With the set-group-ID bit its group is that of new files.
put_in() { # new file, temporary name, name
  if [ "$group" != - ] || [ ! -g . ] || chgrp --reference=. "$1"; then
    cp -T --remove-destination --preserve=mode,ownership "$1" "./$2" && sync "./$2" && mv -fT "./$2" "./$3" && return
  fi
  rm -f "./$2"
  return 1
}

always() { true; }

# A file that is gone, or has a later certificate, was changed by hand.
has_earlier() { # certificates, file
  [ -f "$2" ] && new_start=$(start_of "$1") && old_start=$(start_of "$2") && [ "$old_start" -lt "$new_start" ]
}

start_of() { # file
  start=$(timeout 20 openssl x509 -in "$1" -noout -startdate 2>/dev/null) && date -d "\${start#*=}" +%s
}

case \${1-} in
${forDns}  deploy_cert) # domain, key, certificate, certificates, chain, time
    row=\${3%/*}
    install_in_all "\${row##*/}" "$3" "$5" always
    ;;
  unchanged_cert) # domain, key, certificate, certificates, chain. A failure would end dehydrated before it has renewed the others
    row=\${3%/*}
    install_in_all "\${row##*/}" "$3" "$5" has_earlier || exit 0
    ;;
  exit_hook)
    [ -e "$changed" ] || exit 0
    # dehydrated does not end with this status.
    "$here/reload" || { say "the mail servers could not be reloaded: run $here/reload"; exit 1; }
    rm -f "$changed"
    ;;
esac
`;
}

/** Where cron looks for programs. */
export const CRON_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What cron reads. A run that finds another one does nothing. */
export function cronText({ directory, workDirectory }: RenewalSetting): string {
  return `# Renews the certificates of the mail servers.
PATH=${CRON_PATH}
23 4,16 * * * root flock -n ${workDirectory}/run.lock dehydrated -c --accept-terms --keep-going --no-lock -f ${directory}/config >${workDirectory}/log 2>&1 || logger -t mail-renewal "a renewal has failed: see ${workDirectory}/log"
`;
}
