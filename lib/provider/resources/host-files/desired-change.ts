import { posix } from "node:path";
import { ancestors } from "../../../shared/transport/paths";
import type { Change, Removal } from "../../host/desired/change";
import type { HostFiles } from "./schema";

/** Converts values of the configuration, a plan or the state to a change to a host. */
export function desiredChange(
  kind: Change["kind"],
  { stack, token, takesOver, place }: Pick<Change, "stack" | "token" | "takesOver" | "place">,
  wanted: HostFiles | null,
  prior: HostFiles | null,
): Change {
  return {
    kind,
    stack,
    token,
    state: (wanted ?? prior)?.state_id ?? null,
    stateIsSaved: prior !== null && prior.state_id === (wanted ?? prior).state_id,
    takesOver,
    place,
    role: (wanted ?? prior)?.role ?? null,
    claimsOnHost: (wanted ?? prior)?.claims_on_host ?? null,
    directories: Object.entries(wanted?.directories ?? {}).map(([path, { mode, owner, group }]) => ({
      path,
      mode: fourDigits(mode ?? DEFAULT_DIRECTORY_MODE),
      owner,
      group,
    })),
    files: Object.entries(wanted?.files ?? {}).map(([path, { text, mode, owner, group, service }]) => ({
      path,
      contents: text ?? wanted?.secrets?.[path] ?? "",
      secret: text === null,
      mode: fourDigits(mode ?? defaultMode(text)),
      owner,
      group,
      service,
    })),
    links: Object.entries(wanted?.links ?? {}).map(([path, target]) => ({
      path,
      target,
      service: serviceOf(path, target, wanted),
    })),
    placeholders: Object.entries(wanted?.placeholders ?? {}).map(([path, placeholder]) => ({
      path,
      names: placeholder.names,
      mode: fourDigits(placeholder.mode ?? defaultMode(null)),
      owner: placeholder.owner,
      group: placeholder.group,
      service: placeholder.service,
      configuration: placeholder.config_file
        ? { path: placeholder.config_file, text: placeholder.config_text ?? "" }
        : null,
    })),
    removals: removals(wanted, prior),
    asksServices: kind === "update" && prior?.pending != null,
    names: wanted?.names ?? prior?.names ?? [],
  };
}

export const DEFAULT_DIRECTORY_MODE = "0755";

export function defaultMode(text: unknown): string {
  return text === null ? "0600" : "0644";
}

/** `640` and `0640` are the same mode. */
export function fourDigits(mode: string): string {
  return mode.padStart(4, "0");
}

/** The absolute path of a relative link's target. */
export function linkedPath(path: string, target: string): string {
  return posix.resolve(posix.dirname(path), target);
}

function serviceOf(path: string, target: string, resource: HostFiles | null): string | null {
  return resource?.files?.[linkedPath(path, target)]?.service ?? null;
}

function removals(wanted: HostFiles | null, prior: HostFiles | null): Removal[] {
  const declared = new Set(
    [wanted?.files, wanted?.links, wanted?.directories].flatMap((paths) => Object.keys(paths ?? {})),
  );
  const files = Object.entries(prior?.files ?? {}).map(([path, { text, service, on_destroy }]) => ({
    path,
    configuration: text !== null,
    service,
    keep: on_destroy === "keep",
  }));
  const links = Object.entries(prior?.links ?? {}).map(([path, target]) => ({
    path,
    configuration: false,
    service: serviceOf(path, target, prior),
    keep: false,
  }));
  const directories = Object.keys(prior?.directories ?? {}).map((path) => ({
    path,
    configuration: false,
    service: null,
    keep: false,
  }));
  return [...files, ...links, ...directories].filter(({ path }) => !declared.has(path));
}

/** The paths of files, links and directories, each once. */
export function declaredPaths({ files, links, directories }: HostFiles): string[] {
  return [...new Set([files, links, directories].flatMap((paths) => Object.keys(paths ?? {})))];
}

/** The declared paths, and the directories that they are in. */
export function observedPaths(state: HostFiles): string[] {
  const declared = declaredPaths(state);
  return [...new Set([...declared, ...declared.map((path) => ancestors(path).at(-1) ?? "/")])];
}
