import { posix } from "node:path";
import type { Member } from "../../../shared/json/member";
import { knownText, literalOf } from "../../inputs/template";

/** What the resources of a stack bring onto a host, as far as it is known without the engine. */
export interface DeclaredFiles {
  /** The directories that files and links lie in, each once. */
  readonly directories: readonly string[];
  /** Their paths. */
  readonly paths: ReadonlySet<string>;
  readonly owners: readonly string[];
  readonly groups: readonly string[];
  /** The configuration files that each service has to read from the beginning on. */
  readonly baseFiles: readonly { readonly service: string; readonly path: string }[];
}

export const NO_FILES: DeclaredFiles = {
  directories: [],
  paths: new Set(),
  owners: [],
  groups: [],
  baseFiles: [],
};

const MOST_RESOURCES = 1_000_000;
const MOST_FILES = 100_000;

/** What one resource says about one of its files. */
interface DeclaredFile {
  readonly host: string;
  readonly isBase: boolean;
  readonly path: string;
  readonly isDirectory: boolean;
  readonly service: string | null;
  readonly owner: string | null;
  readonly group: string | null;
  readonly hasText: boolean;
}

/** The files of a stack's resources, by host. */
export function declaredFiles(document: Member): ReadonlyMap<string, DeclaredFiles> {
  const resources = document
    .member("resource")
    .optional((found) => found.member("mailsni_host_files"))
    ?.optional((found) => found.entries(MOST_RESOURCES, filesOf));
  const files = resources?.flatMap(([, ofOne]) => ofOne) ?? [];
  const hosts = new Set(files.map(({ host }) => host));
  return new Map([...hosts].map((name) => [name, summary(files.filter(({ host }) => host === name))]));
}

function filesOf(resource: Member): DeclaredFile[] {
  const host = knownText(resource.member("host"));
  if (host === null) return [];
  const isBase = knownText(resource.member("role")) === "base";
  const kinds = ["files", "links", "placeholders", "directories"] as const;
  return kinds.flatMap((kind) => {
    const entries = resource.member(kind).optional((found) => found.entries(MOST_FILES, attributes)) ?? [];
    return entries.flatMap(([key, file]) => {
      const path = literalOf(key);
      return path === null ? [] : [{ host, isBase, path, isDirectory: kind === "directories", ...file }];
    });
  });
}

/** A link is a text, and has none of these. */
function attributes(entry: Member): Pick<DeclaredFile, "service" | "owner" | "group" | "hasText"> {
  if (!entry.isObject) return { service: null, owner: null, group: null, hasText: false };
  return {
    service: knownText(entry.member("service")),
    owner: knownText(entry.member("owner")),
    group: knownText(entry.member("group")),
    hasText: entry.member("text").isPresent,
  };
}

function summary(files: readonly DeclaredFile[]): DeclaredFiles {
  const distinct = (found: readonly (string | null)[]) =>
    [...new Set(found.filter((one) => one !== null))].sort();
  return {
    directories: distinct(files.map(({ path, isDirectory }) => (isDirectory ? path : posix.dirname(path)))),
    paths: new Set(files.map(({ path }) => path)),
    owners: distinct(files.map(({ owner }) => owner)),
    groups: distinct(files.map(({ group }) => group)),
    baseFiles: files.flatMap(({ isBase, hasText, service, path }) =>
      isBase && hasText && service !== null ? [{ service, path }] : [],
    ),
  };
}
