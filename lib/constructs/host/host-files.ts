import { serviceErrors } from "../../shared/errors";
import type {
  HostFilesDirectories,
  HostFilesFiles,
  HostFilesPlaceholders,
} from "../bindings/mailsni/host-files";
import { escapeTemplate } from "../bindings/template";
import { checkPath, type HostContent, type HostFile, type Placeholder } from "../service/host-content";

/** The files of one `mailsni_host_files` resource, by path. */
export interface HostFilesContent {
  readonly directories: Record<string, HostFilesDirectories>;
  readonly files: Record<string, HostFilesFiles>;
  readonly secrets: Record<string, string>;
  readonly links: Record<string, string>;
  readonly placeholders: Record<string, HostFilesPlaceholders>;
}

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
  const directories: Record<string, HostFilesDirectories> = {};
  const files: Record<string, HostFilesFiles> = {};
  const secrets: Record<string, string> = {};
  const links: Record<string, string> = {};
  const placeholders: Record<string, HostFilesPlaceholders> = {};
  for (const [service, content] of contents) {
    const entries = <T>(kind: { [path: string]: T } = {}) =>
      Object.entries(kind).map(([path, value]) => [claims.add(path, service), value] as const);
    for (const [path, attributes] of entries(content.directories)) directories[path] = attributes;
    for (const [path, file] of entries(content.files)) {
      files[path] = fileBlock(service, file);
      if (file.isPem) secrets[path] = file.contents;
    }
    for (const [path, target] of entries(content.links)) links[path] = target;
    for (const [path, placeholder] of entries(content.placeholders)) {
      placeholders[path] = placeholderBlock(service, placeholder);
    }
  }
  return { directories, files, secrets, links, placeholders };
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

function fileBlock(service: string, { contents, isPem, options }: HostFile): HostFilesFiles {
  const { mode, owner, group, keep } = options;
  return {
    service,
    text: isPem ? undefined : escapeTemplate(contents),
    mode,
    owner,
    group,
    onDestroy: keep ? "keep" : undefined,
  };
}

function placeholderBlock(
  service: string,
  { configurationFile, configurationText, ...attributes }: Placeholder,
): HostFilesPlaceholders {
  return {
    names: [PLACEHOLDER_NAME],
    service,
    configFile:
      configurationFile === undefined ? undefined : checkPath(`A path of ${service}`, configurationFile),
    configText: configurationText === undefined ? undefined : escapeTemplate(configurationText),
    ...attributes,
  };
}
