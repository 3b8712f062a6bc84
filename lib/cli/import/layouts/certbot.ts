import { posix } from "node:path";
import { LETS_ENCRYPT_DIRECTORY } from "../../../shared/acme/lets-encrypt";
import type { ConfigurationFile } from "../../inputs/configuration-files";
import { type FoundChallenge, ofKind, type Row } from "./source";

/** The certificates of certbot: a file in `renewal/` for each. Its names are in the certificate alone. */
export function certbotRows(files: readonly ConfigurationFile[]): Row[] {
  return ofKind(files, "certbot").map(({ path, lines }) => {
    const title = posix.basename(path, ".conf");
    const { settings, webroots } = read(lines.map(({ text }) => text));
    const live = `${posix.dirname(posix.dirname(path))}/live/${title}`;
    return {
      client: "certbot",
      title,
      names: null,
      source: path,
      certificate: settings.get("fullchain") ?? `${live}/fullchain.pem`,
      key: settings.get("privkey") ?? `${live}/privkey.pem`,
      directoryUrl: settings.get("server") ?? null,
      challenge: challengeOf(settings, webroots),
      ...accountOf(settings, posix.dirname(posix.dirname(path))),
    };
  });
}

interface Renewal {
  readonly settings: ReadonlyMap<string, string>;
  /** The webroot of each name. */
  readonly webroots: ReadonlyMap<string, string>;
}

function read(lines: readonly string[]): Renewal {
  const [settings, webroots] = [new Map<string, string>(), new Map<string, string>()];
  let target = settings;
  for (const line of lines) {
    const section = /^\s*\[+([^[\]]*)\]+/.exec(line)?.[1];
    if (section !== undefined) target = section.trim() === "webroot_map" ? webroots : settings;
    const [name, value] = assignment(line);
    if (/^[^\s[]+$/.test(name) && value !== "") target.set(name, value);
  }
  return { settings, webroots };
}

/** Without a regular expression: one that takes commas and blanks from the end of a line tries each of a long run of them. */
function assignment(line: string): [name: string, value: string] {
  const at = line.indexOf("=");
  let end = line.length;
  while (end > at + 1 && /[\s,]/.test(line.charAt(end - 1))) end--;
  return at < 0 ? ["", ""] : [line.slice(0, at).trim(), line.slice(at + 1, end).trim()];
}

/** `accounts/SERVER/ID/private_key.json`, with the server's URL as a path. */
function accountOf(settings: ReadonlyMap<string, string>, base: string): Pick<Row, "accountKey"> {
  const [account, server = LETS_ENCRYPT_DIRECTORY] = [settings.get("account"), settings.get("server")];
  const place = /^https:\/\/([A-Za-z0-9.:_-]+(?:\/[A-Za-z0-9._-]+)*)$/.exec(server)?.[1];
  if (account === undefined || !/^[0-9a-f]+$/.test(account) || place === undefined) return {};
  return { accountKey: `${base}/accounts/${place}/${account}/private_key.json` };
}

function challengeOf(
  settings: ReadonlyMap<string, string>,
  webroots: ReadonlyMap<string, string>,
): FoundChallenge {
  const authenticator = settings.get("authenticator") ?? "";
  if (/dns/.test(authenticator)) return { kind: "dns", words: authenticator };
  const path = [...webroots.values()][0] ?? settings.get("webroot_path")?.split(",")[0];
  return authenticator === "webroot" && path !== undefined ? { kind: "webroot", path: path.trim() } : null;
}
