import { posix } from "node:path";
import type { ConfigurationFile } from "../../inputs/configuration-files";
import { ORIGIN, ofKind, type Row } from "./source";

/**
 * The certificates of lego: `certificates/NAME.json`, `.crt` with the chain, `.key`. The names are in the certificate alone, and of
 * the CA there are URLs of a certificate and of an account, but not that of its directory.
 */
export function legoRows(files: readonly ConfigurationFile[]): Row[] {
  const accounts = ofKind(files, "lego-account").map(accountIn);
  return ofKind(files, "lego").map((file) => {
    const { path } = file;
    const name = posix.basename(path, ".json");
    const base = `${posix.dirname(path)}/${name}`;
    const ca = originIn(file, "certUrl");
    return {
      client: "lego",
      // lego writes `_` for the `*` of a wildcard.
      title: name,
      names: null,
      source: path,
      certificate: `${base}.crt`,
      key: `${base}.key`,
      directoryUrl: null,
      challenge: null,
      ...(ca !== null && { caOrigin: ca, ...accountOf(accounts, ca, posix.dirname(posix.dirname(path))) }),
    };
  });
}

interface Account {
  /** The directory of lego that has it. */
  readonly home: string;
  readonly ca: string | null;
  readonly key: string;
}

/** `accounts/SERVER/EMAIL/account.json`, with the key in `keys/EMAIL.key` beside it. */
function accountIn(file: ConfigurationFile): Account {
  const directory = posix.dirname(file.path);
  return {
    home: posix.join(directory, "../../.."),
    ca: originIn(file, "uri"),
    key: `${directory}/keys/${posix.basename(directory)}.key`,
  };
}

/** The one account with that CA: which of several has ordered a certificate is written nowhere. */
function accountOf(accounts: readonly Account[], ca: string, home: string): Pick<Row, "accountKey"> {
  const [account, ...others] = accounts.filter((one) => one.ca === ca && one.home === home);
  return account === undefined || others.length > 0 ? {} : { accountKey: account.key };
}

/** Scheme, host and port of a URL that a line of JSON has. */
function originIn({ lines }: ConfigurationFile, member: string): string | null {
  const urls = lines.flatMap(({ text }) => {
    const [, name, url = ""] = /^\s*"(\w+)"\s*:\s*"([^"\\]*)"/.exec(text) ?? [];
    return name === member ? [url] : [];
  });
  return ORIGIN.exec(urls[0] ?? "")?.[0] ?? null;
}
