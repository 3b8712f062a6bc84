import { MailSniError } from "../../../shared/errors";
import { parseHostName } from "../../../shared/host-name";
import { printable, printableLine } from "../../../shared/text/printable";
import type { Host } from "../../host/host";
import type { Observation } from "../../host/observer";
import type { Fact } from "../../host/record/facts";
import { FILE } from "../../messages/files";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { Identity, IdentityValues } from "../../protocol/resource";
import type { HostFile, HostFiles, HostFilesAttributes } from "./schema";

const FORM =
  'Write it as "HOST/DOMAIN", "HOST/base" or "HOST/default", such as "mx1/domain1.tld", or as "HOST/ID" with the id of the ledger.';

/** A resource is found on its host by what it is for, or by its id in the ledger. */
export const hostFilesIdentity: Identity<HostFilesAttributes> = {
  attributes: {
    host: { description: "A key of the provider's `hosts`.", required: true },
    part: {
      description:
        "What the files are for: a mail domain, `base`, `default`, or the id of the resource in the host's ledger.",
      required: true,
    },
  },
  parse(id) {
    const slash = id.indexOf("/");
    if (slash <= 0 || slash === id.length - 1)
      throw new Error(`The id names no host or no part of it. ${FORM}`);
    return { host: id.slice(0, slash), part: id.slice(slash + 1) };
  },
  of: ({ host, role, id }) => ({ host, part: role ?? id }),
};

const ID = /^[0-9a-f]{16}$/;

/** The resource of the ledger that an identity means; null after an error. */
export function tokenOf(
  { part }: IdentityValues,
  stack: string,
  { ledger }: Observation,
  diagnostics: Diagnostics,
): string | null {
  const all = ledger.resourcesOf(stack);
  const wanted = String(part);
  const found = [...all].filter(([token, paths]) =>
    ID.test(wanted) ? token === wanted : isPart(wanted, [...paths]),
  );
  const [first] = found;
  if (first !== undefined && found.length === 1) return first[0];
  const which = found.length > 0 ? found : [...all];
  const shown = which
    .slice(0, MOST_SHOWN)
    .map(([token, [path = "nothing"]]) => `${token} (${printableLine(path)} …)`);
  diagnostics.error(
    FILE.notImported,
    `${found.length === 0 ? "The host's ledger has no resource" : "The host's ledger has several resources"} of the stack "${stack}" ` +
      `for ${JSON.stringify(printableLine(wanted))}. ${shown.length > 0 ? `It has: ${shown.join(", ")}. ` : ""}${FORM}`,
  );
  return null;
}

const MOST_SHOWN = 10;

/** The ledger knows paths alone: those of a domain have it as a directory, or as a file's name. */
function isPart(part: string, paths: readonly string[]): boolean {
  if (part !== "base" && part !== "default") {
    const name = hostName(part);
    return name !== null && paths.some((path) => stems(path).includes(name));
  }
  if (paths.some((path) => stems(path).some((stem) => hostName(stem) !== null))) return false;
  return (part === "default") === paths.some(isPem);
}

/** The directories of a path, and its file's name without an ending. */
function stems(path: string): string[] {
  return path.split("/").map((segment) => segment.replace(/\.(pem|conf)$/, ""));
}

function hostName(text: string): string | null {
  // Versions such as 2.4 are directories too, and conf.d: no top-level domain has one letter.
  if (!/\.[a-z][a-z0-9-]+$/i.test(text)) return null;
  try {
    return parseHostName(text);
  } catch (error) {
    if (error instanceof MailSniError) return null;
    throw error;
  }
}

function isPem(path: string): boolean {
  return /\.(pem|key|crt)$/.test(path);
}

/** The texts to read: no file that may be a private key. */
export function textsOf(paths: readonly string[], { facts }: Observation): ReadonlyMap<string, string> {
  const texts = paths.filter((path) => isText(path, facts.get(path)));
  return new Map(texts.map((path) => [path, "unknown"]));
}

function isText(path: string, fact: Fact | undefined): boolean {
  return fact?.kind === "file" && !isPem(path) && (Number.parseInt(fact.mode ?? "0", 8) & 0o004) !== 0;
}

/** The state of what the ledger says and the host has. */
export function stateOf(
  token: string,
  { part }: IdentityValues,
  { settings: { name } }: Host,
  { ledger, facts, texts }: Observation,
): HostFiles {
  const paths = [...ledger.pathsOf(token)];
  const ofKind = <T>(kind: Fact["kind"], read: (fact: Fact, path: string) => T): Record<string, T> | null => {
    const found = paths.flatMap((path) => {
      const fact = facts.get(path);
      return fact?.kind === kind ? [[path, read(fact, path)] as const] : [];
    });
    return found.length > 0 ? Object.fromEntries(found) : null;
  };
  return {
    host: name,
    role: part === "base" || part === "default" ? part : null,
    state_id: ledger.stateOf(token) ?? null,
    directories: ofKind("directory", (fact) => owned(fact)),
    files: ofKind<HostFile>("file", (fact, path) => ({
      ...owned(fact),
      text: isText(path, fact) ? printable(texts.get(path) ?? "") : null,
      service: null,
      on_destroy: null,
      sha256: fact.sha256 ?? null,
    })),
    links: ofKind("link", ({ target }) => printableLine(target ?? "")),
    placeholders: null,
    names: null,
    secrets: null,
    claims_on_host: null,
    pending: null,
    missing: null,
    id: token,
  };
}

function owned({ mode, owner, group }: Fact) {
  const shown = (text: string | null | undefined) => (text == null ? null : printableLine(text));
  return { mode: mode ?? null, owner: shown(owner), group: shown(group) };
}
