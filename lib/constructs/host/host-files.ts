import { serviceErrors } from "../../shared/errors";
import { escapeTemplate } from "../bindings/template";
import {
  checkPath,
  type FileAttributes,
  type HostContent,
  type HostFile,
  type Placeholder,
} from "../service/host-content";
import type { HostFilesAttributes } from "./host-files-resource";

/** The files of one `mailsni_host_files` resource, by path. */
export type HostFilesContent = Required<
  Pick<HostFilesAttributes, "directories" | "files" | "secrets" | "links" | "placeholders">
>;

type Entry<Kind extends "directories" | "files" | "placeholders"> = HostFilesContent[Kind][string];

/** The name in self-signed placeholder certificates, below a domain that cannot exist (RFC 6761 §6.4). */
const PLACEHOLDER_NAME = "placeholder.mail-sni.invalid";

/**
 * Merges the files of a host's services into the contents of one resource.
 *
 * @param contents the files of each service, by its name
 * @param claims paths that other resources of the host already have
 * @throws MailSniError `MODE_INVALID`, `PATH_INVALID`, `PATH_TWICE`
 */
export function hostFilesContent(
  contents: ReadonlyMap<string, HostContent>,
  claims = new PathClaims(),
): HostFilesContent {
  const merged: HostFilesContent = { directories: {}, files: {}, secrets: {}, links: {}, placeholders: {} };
  for (const [service, content] of contents) {
    const entries = <T>(kind: { [path: string]: T } = {}) =>
      Object.entries(kind).map(([path, value]) => [claims.add(path, service), value] as const);
    for (const [path, directory] of entries(content.directories)) {
      merged.directories[path] = attributesOf(directory);
    }
    for (const [path, file] of entries(content.files)) {
      merged.files[path] = fileBlock(service, file);
      if (file.isPem) merged.secrets[path] = file.contents;
    }
    for (const [path, target] of entries(content.links)) merged.links[path] = target;
    for (const [path, placeholder] of entries(content.placeholders)) {
      merged.placeholders[path] = placeholderBlock(service, placeholder);
    }
  }
  return merged;
}

/** Leaves an empty map out: the state would contain it. */
export function unlessEmpty<T>(byPath: Record<string, T>): Record<string, T> | undefined {
  return Object.keys(byPath).length > 0 ? byPath : undefined;
}

/** The owner of each path on a host. Two services that declare the same path are refused. */
export class PathClaims {
  private readonly services = new Map<string, string>();

  add(path: string, service: string): string {
    const other = this.services.get(path);
    if (other !== undefined) throw serviceErrors.pathTwice(path, other, service);
    this.services.set(checkPath(`A path of ${service}`, path), service);
    return path;
  }
}

function fileBlock(service: string, { contents, isPem, options }: HostFile): Entry<"files"> {
  return {
    service,
    ...(!isPem && { text: escapeTemplate(contents) }),
    ...(options.keep && { on_destroy: "keep" }),
    ...attributesOf(options),
  };
}

function placeholderBlock(
  service: string,
  { configurationFile, configurationText, ...attributes }: Placeholder,
): Entry<"placeholders"> {
  return {
    service,
    names: [PLACEHOLDER_NAME],
    ...(configurationFile !== undefined && {
      config_file: checkPath(`A path of ${service}`, configurationFile),
    }),
    ...(configurationText !== undefined && { config_text: escapeTemplate(configurationText) }),
    ...attributesOf(attributes),
  };
}

/** Leaves unset attributes out: they cost cdktf as much time as set ones. */
function attributesOf({ mode, owner, group }: FileAttributes): Entry<"directories"> {
  return {
    ...(mode !== undefined && { mode }),
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
  };
}
