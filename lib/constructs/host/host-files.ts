import { serviceErrors } from "../../shared/errors";
import type {
  HostFilesDirectories,
  HostFilesFiles,
  HostFilesPlaceholders,
} from "../bindings/mailsni/host-files";
import { escapeTemplate } from "../bindings/template";
import { checkPath, type HostContent, type HostFile, type Placeholder } from "../service/host-content";

/** What is on a host, by path. */
export interface HostFilesContent {
  readonly directories: Record<string, HostFilesDirectories>;
  readonly files: Record<string, HostFilesFiles>;
  readonly secrets: Record<string, string>;
  readonly links: Record<string, string>;
  readonly placeholders: Record<string, HostFilesPlaceholders>;
}

/** A self-signed certificate says for whom it is: for nobody, below a domain that cannot exist (RFC 6761 §6.4). */
const PLACEHOLDER_NAME = "placeholder.mail-sni.invalid";

/**
 * What the services of a host want there, as one resource.
 *
 * @param contents by the name of the service
 * @param claims of other contents that must not have the same paths
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

/** Who has which path, so that nothing is lost where two services want the same. */
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
