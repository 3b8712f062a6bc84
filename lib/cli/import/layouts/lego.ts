import { posix } from "node:path";
import type { ConfigurationFile } from "../gather/configurations";
import { ofKind, type Row } from "./source";

/** The certificates of lego: `certificates/NAME.json`, `.crt` with the chain, `.key`. The names are in the certificate alone. */
export function legoRows(files: readonly ConfigurationFile[]): Row[] {
  return ofKind(files, "lego").map(({ path }) => {
    const name = posix.basename(path, ".json");
    const base = `${posix.dirname(path)}/${name}`;
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
    };
  });
}
