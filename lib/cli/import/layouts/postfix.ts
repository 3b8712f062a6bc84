import { LONGEST_PATH } from "../../../shared/transport/paths";
import type { ConfigurationFile } from "../../inputs/configuration-files";
import type { FoundServer, Pair, ServerEntry } from "./server";
import { ofKind } from "./source";

/** What `main.cf` says of certificates. */
export interface PostfixSettings {
  /** The source files of `tls_server_sni_maps`, which `postmap -F` makes tables of. */
  readonly maps: readonly string[];
  /** Tables of which no source file is known. */
  readonly unread: readonly string[];
  readonly fallback: Pair | null;
}

/** Null if there is no Postfix. */
export function postfixSettings(files: readonly ConfigurationFile[]): PostfixSettings | null {
  const [main] = ofKind(files, "postfix");
  if (main === undefined) return null;
  const values = settingsIn(main.lines.map(({ text }) => text));
  const directory = values.get("config_directory") ?? "/etc/postfix";
  const expanded = (name: string) =>
    (values.get(name) ?? "").replace(
      /\$\{?config_directory\}?/g,
      // Many long ones would be more than there is memory for.
      () => (directory.length > LONGEST_PATH ? "" : directory),
    );
  const tables = expanded("tls_server_sni_maps")
    .split(/[\s,]+/)
    .filter(Boolean);
  const maps = tables.flatMap((table) => /^(?:\w+:)?(\/.*)$/.exec(table)?.[1] ?? []);
  const unread = tables.filter((table) => !/^((hash|lmdb|btree|cdb|texthash|dbm):)?\//.test(table));
  return { maps: unread.length > 0 ? [] : maps, unread, fallback: fallbackOf(expanded) };
}

/** Logical lines: one that begins with a blank goes on with the line before. */
function settingsIn(lines: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines) {
    const name = /^(\w+)\s*=/.exec(line)?.[1];
    if (name !== undefined) values.set(name, line.slice(line.indexOf("=") + 1).trim());
    else if (last !== undefined && /^\s+[^\s#]/.test(line))
      values.set(last, `${values.get(last)} ${line.trim()}`);
    last = name ?? last;
  }
  return values;
}

function fallbackOf(value: (name: string) => string): Pair | null {
  const chain = value("smtpd_tls_chain_files")
    .split(/[\s,]+/)
    .filter(Boolean);
  if (chain.length > 0) return pairOf(chain);
  const certificate = value("smtpd_tls_cert_file").trim();
  const key = value("smtpd_tls_key_file").trim();
  if (certificate === "" || certificate === "none") return null;
  return { certificate, key: key === "" || key.startsWith("$") ? certificate : key };
}

/** The files of an entry: the key first. */
function pairOf(files: readonly string[]): Pair {
  const [key = ""] = files;
  return { certificate: files[1] ?? key, key };
}

/** Postfix with its SNI map. A name is looked up in lower case, and then each domain above it with a dot in front. */
export function postfixServer(
  settings: PostfixSettings,
  files: readonly ConfigurationFile[],
): FoundServer | null {
  if (settings.maps.length === 0 && settings.fallback === null) return null;
  const entries = new Map<string, ServerEntry>();
  for (const { path, lines } of ofKind(files, "postfix-map")) {
    for (const { number, text } of lines) {
      const [name = "", ...chain] = text
        .replace(/^\s*#.*/, "")
        .split(/[\s,]+/)
        .filter(Boolean);
      if (chain.length === 0 || /^\s/.test(text) || entries.has(name.toLowerCase())) continue;
      const folded = name.toLowerCase();
      entries.set(folded, { names: [folded], title: `${path}:${number}`, ...pairOf(chain) });
    }
  }
  return {
    kind: "postfix",
    title: "Postfix",
    fallback: settings.fallback,
    entries: [...entries.values()],
    entryFor: (name) => keysOf(name.toLowerCase()).flatMap((key) => entries.get(key) ?? [])[0],
  };
}

function keysOf(name: string): string[] {
  const keys = [name];
  for (let at = name.indexOf("."); at >= 0; at = name.indexOf(".", at + 1)) keys.push(name.slice(at));
  return keys;
}
