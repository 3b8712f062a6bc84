import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import type { AttributePath, Diagnostics } from "../../protocol/diagnostics";
import {
  defineResource,
  type Outcome,
  type PlannedOf,
  type PrivateState,
  type Resource,
} from "../../protocol/resource";
import {
  isUnknown,
  isWhollyKnown,
  type Plannable,
  UNKNOWN,
  type Unknown,
} from "../../protocol/values/unknown";
import type { ChangeResult } from "../../remote/change/change";
import { type Host, HostUnusable, type Observation, unreachable } from "../../remote/host";
import type { Hosts } from "../../remote/hosts";
import { sentence } from "../../remote/sentence";
import type { Facts } from "../../remote/session/facts";
import { type Connection, sameConnection } from "../../remote/settings";
import { sha256 } from "../../remote/sha256";
import { HostUnreachable } from "../../remote/unreachable";
import { DEFAULT_DIRECTORY_MODE, defaultMode, desiredChange } from "./desired-change";
import { type KnownPems, knownPems, pemsToKnow, rememberedPems } from "./known-pems";
import { observedState, questionAbout } from "./observed-state";
import { inspectPlannedPems, pemsForHost, sha256OnHost } from "./pems";
import { type HostFiles, type HostFilesAttributes, schema } from "./schema";
import { validate } from "./validation";

/** `mailsni_host_files`: files and links on one host, commonly those of one certificate. */
export function hostFiles(passphrases: KeyPassphrases): Resource<HostFilesAttributes, Hosts> {
  return defineResource<HostFilesAttributes, Hosts>({
    schema,
    validate,

    plan({ config, prior, planned, private: kept, provider, diagnostics, requireReplacement }) {
      planDirectories(planned, config);
      planFiles(planned, config, (pem) => sha256OnHost(pem, knownPems(kept), passphrases));
      if (prior === null) {
        planned.id = UNKNOWN;
        planned.pending = UNKNOWN;
      } else {
        planned.pending = null;
        if (prior.pending !== null || !isDeepStrictEqual(planned, prior)) planned.pending = UNKNOWN;
        if (!reachesSameHost(prior.host, planned.host, kept, provider)) requireReplacement(["host"]);
      }
      if ((prior === null || !isDeepStrictEqual(planned, prior)) && !isUnknown(planned.host))
        refuseGone(provider.find(planned.host), diagnostics);
      // What is installed already was looked at then; if it has expired since, that is for its renewal to mend.
      if (prior === null || !isDeepStrictEqual(contentsOf(planned), contentsOf(prior)))
        inspectPlannedPems(config, passphrases, diagnostics);
    },

    async create({ config, planned, provider, diagnostics }) {
      const host = writableHost(config.host, provider, diagnostics);
      const secrets = host && pemsForHost(config, passphrases, diagnostics);
      if (!host || diagnostics.hasErrors) return null;
      const token = randomBytes(8).toString("hex");
      const wanted = { ...filled(planned), id: token, secrets };
      const result = await host.change(
        desiredChange("create", { stack: provider.stack, token }, wanted, null),
      );
      report(result, wanted, diagnostics);
      if (diagnostics.hasErrors) return null;
      return outcome(await completed(wanted, planned, result, host), host, pemsToKnow(secrets));
    },

    async read({ prior, private: kept, provider, diagnostics }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (!host) return null;
      const observation = await refreshed(prior, host, diagnostics);
      if (observation === "unknown") return { state: prior, private: kept };
      if (!observation) return null;
      const state = observedState(prior, observation, host.settings, diagnostics);
      return state && outcome(state, host, knownPems(kept));
    },

    async update({ config, planned, prior, private: kept, provider, diagnostics }) {
      const host = writableHost(config.host, provider, diagnostics);
      const secrets = host && pemsForHost(config, passphrases, diagnostics);
      if (!host || diagnostics.hasErrors) return null;
      const token = prior.id ?? "";
      const wanted = { ...filled(planned), id: token, secrets };
      const result = await host.change(
        desiredChange("update", { stack: provider.stack, token }, wanted, prior),
      );
      report(result, wanted, diagnostics);
      if (!diagnostics.hasErrors)
        return outcome(await completed(wanted, planned, result, host), host, pemsToKnow(secrets));
      const either = eitherOf(wanted, prior);
      // That it cannot be looked at either would say nothing new.
      const observation = await host.observe(questionAbout(either)).catch(() => null);
      const state = observation && observedState(either, observation, host.settings, diagnostics);
      return state ? outcome(state, host, knownPems(kept)) : { state: prior, private: kept };
    },

    async delete({ prior, private: kept, provider, diagnostics }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (!host) return;
      if (host.settings.gone) return warnOfLeftFiles(host, diagnostics);
      const owner = { stack: provider.stack, token: prior.id ?? "" };
      report(await host.change(desiredChange("delete", owner, null, prior)), prior, diagnostics);
    },
  });
}

/** What may be on the host after an update that failed: what was to go may be there still. */
function eitherOf(wanted: HostFiles, prior: HostFiles): HostFiles {
  const merged = <T>(one: Record<string, T> | null, other: Record<string, T> | null) =>
    one || other ? { ...other, ...one } : null;
  return {
    ...wanted,
    directories: merged(wanted.directories, prior.directories),
    files: merged(wanted.files, prior.files),
    links: merged(wanted.links, prior.links),
  };
}

/** Computed values of what the configuration leaves out: always the same, whatever is found on the host. */
function planDirectories(
  planned: PlannedOf<HostFilesAttributes>,
  config: PlannedOf<HostFilesAttributes>,
): void {
  for (const [path, directory] of knownEntries(planned.directories)) {
    if (knownEntry(config.directories, path)?.mode === null) directory.mode = DEFAULT_DIRECTORY_MODE;
  }
}

function planFiles(
  planned: PlannedOf<HostFilesAttributes>,
  config: PlannedOf<HostFilesAttributes>,
  sha256OfPem: (pem: string) => Plannable<string>,
): void {
  for (const [path, file] of knownEntries(planned.files)) {
    if (knownEntry(config.files, path)?.mode === null) file.mode = defaultMode(file.text);
    const { text } = file;
    const pem = text === null ? secretAt(path, config) : null;
    file.sha256 =
      typeof text === "string" ? sha256(text) : typeof pem === "string" ? sha256OfPem(pem) : UNKNOWN;
  }
}

function knownEntries<T extends object>(
  map: Readonly<Record<string, T | Unknown>> | Unknown | null,
): [string, T][] {
  if (map === null || isUnknown(map)) return [];
  return Object.entries(map).flatMap(([key, value]) =>
    isUnknown(value) ? [] : [[key, value] as [string, T]],
  );
}

function knownEntry<T extends object>(
  map: Readonly<Record<string, T | Unknown>> | Unknown | null,
  key: string,
): T | undefined {
  const value = map === null || isUnknown(map) ? undefined : map[key];
  return value === undefined || isUnknown(value) ? undefined : value;
}

function secretAt(path: string, { secrets }: PlannedOf<HostFilesAttributes>) {
  return isUnknown(secrets) ? UNKNOWN : secrets?.[path];
}

/** What a look at the PEMs depends on. */
function contentsOf({ files, names }: PlannedOf<HostFilesAttributes>) {
  return [knownEntries(files).map(([path, { sha256 }]) => [path, sha256]), names];
}

/** A renamed host, or one with another address, is the same one where the files are reached in the same place. */
function reachesSameHost(
  prior: string,
  planned: Plannable<string>,
  kept: PrivateState,
  hosts: Hosts,
): boolean {
  if (planned === prior) return true;
  const before = connectionIn(kept);
  const after = isUnknown(planned) ? undefined : hosts.find(planned)?.settings;
  return before !== null && after !== undefined && sameConnection(before, after);
}

function declaredHost(name: string, hosts: Hosts, diagnostics: Diagnostics): Host | null {
  const host = hosts.find(name);
  if (host) return host;
  const detail =
    host === null
      ? `The settings of "${name}" in the provider's hosts depend on what is only known after apply. Write them as literals.`
      : `The provider's hosts have no "${name}". Declare it there, or name one that is declared.`;
  diagnostics.error(`Host "${name}" is not known`, detail, ["host"]);
  return null;
}

/** The host, unless nothing can be brought onto it. */
function writableHost(name: string, hosts: Hosts, diagnostics: Diagnostics): Host | null {
  const host = declaredHost(name, hosts, diagnostics);
  refuseGone(host, diagnostics);
  return diagnostics.hasErrors ? null : host;
}

/** The host, or where it was when it was reached last. */
function reachableHost(
  name: string,
  kept: PrivateState,
  hosts: Hosts,
  diagnostics: Diagnostics,
): Host | null {
  const connection = connectionIn(kept);
  if (hosts.find(name) === undefined && connection) return hosts.formerly(name, connection);
  return declaredHost(name, hosts, diagnostics);
}

function connectionIn(kept: PrivateState): Connection | null {
  return (kept?.connection as Connection | undefined) ?? null;
}

function outcome(state: HostFiles, { settings }: Host, pems: KnownPems): Outcome<HostFilesAttributes> {
  const { ssh = null, root, stateDirectory, applyOwnership } = settings;
  const connection = { ssh, root, stateDirectory, applyOwnership };
  return { state, private: { connection, ...rememberedPems(pems) } };
}

/** What is on the host now; "unknown" where nobody can look, and what is known is to be kept. Null after an error. */
async function refreshed(
  state: HostFiles,
  host: Host,
  diagnostics: Diagnostics,
): Promise<Observation | "unknown" | null> {
  const { gone, onUnreachable } = host.settings;
  if (gone) return "unknown";
  try {
    return await told(host.observe(questionAbout(state)), diagnostics);
  } catch (error) {
    const isAway = error instanceof HostUnreachable && !error.isImpostor;
    if (isAway && onUnreachable === "warn") {
      warnOfAbsence(error, host, diagnostics);
      return "unknown";
    }
    reportUnobserved(error, host, diagnostics);
    return null;
  }
}

/** What was seen, with what has to be said about the host. */
async function told(looking: Promise<Observation>, diagnostics: Diagnostics): Promise<Observation> {
  const observation = await looking;
  for (const { summary, detail } of observation.warnings) diagnostics.warning(summary, detail);
  return observation;
}

function reportUnobserved(error: unknown, { settings: { name } }: Host, diagnostics: Diagnostics): void {
  if (error instanceof HostUnreachable) {
    const { summary, detail } = unreachable(name, error);
    diagnostics.error(summary, detail);
  } else if (error instanceof HostUnusable) {
    diagnostics.error(`Host "${name}" cannot be looked at`, error.message);
  } else throw error;
}

function warnOfAbsence({ message }: HostUnreachable, host: Host, diagnostics: Diagnostics): void {
  if (!host.isNews("absence")) return;
  diagnostics.warning(
    `Host "${host.settings.name}" cannot be reached, and is taken to be as it was`,
    `${sentence(message)} What is planned rests on what was known of it last; a change of it will fail until it is back.`,
  );
}

/** A machine that is not there any more may have disks that are. */
function warnOfLeftFiles(host: Host, diagnostics: Diagnostics): void {
  if (!host.isNews("gone")) return;
  diagnostics.warning(
    `Host "${host.settings.name}" is gone, and was not contacted`,
    "What it was given is forgotten here. If its disks still exist, they hold those files, private keys among them: wipe " +
      "them, or have the certificates issued anew.",
  );
}

function refuseGone(host: Host | null | undefined, diagnostics: Diagnostics): void {
  if (!host?.settings.gone) return;
  diagnostics.error(
    `Host "${host.settings.name}" is gone`,
    "It is marked as gone, so that nothing can be brought onto it. Take what is declared for it out of the configuration, " +
      "or the mark if it is back.",
    ["host"],
  );
}

function filled(planned: PlannedOf<HostFilesAttributes>): HostFiles {
  return withoutUnknowns(planned) as HostFiles;
}

function withoutUnknowns(value: unknown): unknown {
  if (value === UNKNOWN) return null;
  if (Array.isArray(value)) return value.map(withoutUnknowns);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutUnknowns(entry)]));
}

/** What the plan could not know: what is owed, and owners that were not configured. */
async function completed(
  wanted: HostFiles,
  planned: PlannedOf<HostFilesAttributes>,
  { pending, facts }: ChangeResult,
  host: Host,
): Promise<HostFiles> {
  const state = { ...wanted, pending };
  if (isWhollyKnown({ ...planned, id: null, pending: null })) return state;
  const { applyOwnership } = host.settings;
  // What the change has seen spares another look, but for directories that it made.
  const enough = !applyOwnership || Object.keys(wanted.directories ?? {}).every((path) => facts.has(path));
  // After an error an engine would delete what was created, and the owner that was not configured matters to nobody.
  const seen = enough ? facts : (await host.observe(questionAbout(wanted)).catch(() => null))?.facts;
  return seen ? { ...state, ...ownersOf(wanted, seen, applyOwnership) } : state;
}

function ownersOf({ files, directories }: HostFiles, facts: Facts, applyOwnership: boolean) {
  const complete = <T extends { owner: string | null; group: string | null }>(
    map: Record<string, T> | null,
  ) =>
    map &&
    Object.fromEntries(
      Object.entries(map).map(([path, entry]) => {
        const fact = applyOwnership ? facts.get(path) : undefined;
        return [
          path,
          { ...entry, owner: entry.owner ?? fact?.owner ?? null, group: entry.group ?? fact?.group ?? null },
        ];
      }),
    );
  return { files: complete(files), directories: complete(directories) };
}

function report({ errors, warnings }: ChangeResult, state: HostFiles, diagnostics: Diagnostics): void {
  for (const { summary, detail, path } of errors)
    diagnostics.error(summary, detail, attributePath(path, state));
  for (const { summary, detail, path } of warnings)
    diagnostics.warning(summary, detail, attributePath(path, state));
}

function attributePath(
  path: string | undefined,
  { files, links, directories }: HostFiles,
): AttributePath | undefined {
  if (path === undefined) return undefined;
  if (files?.[path]) return ["files", path];
  if (links?.[path] !== undefined) return ["links", path];
  return directories?.[path] ? ["directories", path] : undefined;
}
