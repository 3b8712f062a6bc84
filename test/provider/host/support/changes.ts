import type { Change, DesiredFile, DesiredLink, Removal } from "../../../../lib/provider/host/desired/change";

const NOTHING: Change = {
  kind: "create",
  token: "token",
  stack: "stack",
  state: null,
  stateIsSaved: false,
  place: "here",
  takesOver: new Set(),
  role: null,
  directories: [],
  files: [],
  links: [],
  placeholders: [],
  removals: [],
  names: [],
};

/** A change of which only what matters to a test is said. */
export function change(parts: Partial<Change>): Change {
  return { ...NOTHING, ...parts };
}

export function pem(path: string, contents: string, parts: Partial<DesiredFile> = {}): DesiredFile {
  return { path, contents, secret: true, mode: "0600", owner: null, group: null, service: null, ...parts };
}

export function text(path: string, contents: string, parts: Partial<DesiredFile> = {}): DesiredFile {
  return { path, contents, secret: false, mode: "0644", owner: null, group: null, service: null, ...parts };
}

export function link(path: string, target: string, parts: Partial<DesiredLink> = {}): DesiredLink {
  return { path, target, service: null, ...parts };
}

export function removal(path: string, parts: Partial<Removal> = {}): Removal {
  return { path, configuration: false, service: null, keep: false, ...parts };
}

export interface CertificateOptions {
  readonly kind?: Change["kind"];
  /** @default the name */
  readonly token?: string;
  readonly stack?: string;
  /** Names besides the first one. */
  readonly aliases?: readonly string[];
  /** Added to what the configuration of `served` says. */
  readonly configuration?: string;
}

/** The files of one certificate for both services of a `TestHost`, as the constructs would declare them. */
export function certificate(
  name: string,
  contents: string,
  {
    kind = "create",
    token = name,
    stack = "stack",
    aliases = [],
    configuration = "",
  }: CertificateOptions = {},
): Change {
  const { filed, served, snippet } = pathsOf(name);
  const names = [name, ...aliases];
  return change({
    kind,
    token,
    stack,
    names,
    files: [
      pem(filed, contents, { mode: "0640", service: "filed" }),
      pem(served, contents, { service: "served" }),
      text(snippet, `serve ${names.join(" ")} ${served}\n${configuration}`, { service: "served" }),
    ],
    links: aliases.map((alias) =>
      link(pathsOf(alias).filed, `../${name}/servercert.pem`, { service: "filed" }),
    ),
  });
}

/** The deletion of what `certificate` declares. */
export function withoutCertificate(
  name: string,
  { token = name, aliases = [] }: CertificateOptions = {},
): Change {
  const { filed, served, snippet } = pathsOf(name);
  return change({
    kind: "delete",
    token,
    names: [name, ...aliases],
    removals: [
      removal(filed, { service: "filed" }),
      ...aliases.map((alias) => removal(pathsOf(alias).filed, { service: "filed" })),
      removal(served, { service: "served" }),
      removal(snippet, { service: "served", configuration: true }),
    ],
  });
}

/** Where the files of a certificate are. */
export function pathsOf(name: string) {
  return {
    filed: `/var/filed/${name}/servercert.pem`,
    served: `/etc/served/pem/${name}.pem`,
    snippet: `/etc/served/conf.d/${name}.conf`,
  };
}
