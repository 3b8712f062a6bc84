import { sha256 } from "../../../shared/sha256";
import { printable, printableLine } from "../../../shared/text/printable";
import { closedDirectories, isOwnedAsWanted, OPEN_MODE } from "../../host/apply/decision";
import type { HostSettings } from "../../host/desired/host-settings";
import type { Observation, Question } from "../../host/observer";
import { type Fact, whyUnavailable } from "../../host/record/facts";
import { type Claim, describePending, type Ledger } from "../../host/record/ledger";
import { FILE } from "../../messages/files";
import { PENDING } from "../../messages/pending";
import type { Diagnostics } from "../../protocol/diagnostics";
import { declaredPaths, fourDigits, observedPaths } from "./desired-change";
import type { HostFile, HostFiles } from "./schema";
import { notServed } from "./served-state";

/** What the host must be asked for the resource's state. */
export function questionAbout(prior: HostFiles): Question {
  const texts = Object.entries(prior.files ?? {}).flatMap(([path, { text }]) =>
    text === null ? [] : [[path, sha256(text)] as const],
  );
  return { paths: observedPaths(prior), texts: new Map(texts) };
}

/**
 * The actual state. Paths that do not exist on the host keep their values and are in `missing`, so that the state goes on saying
 * what was deployed. Paths of another kind are left out, so that a plan adds them again. Null if nothing of the resource exists
 * and the ledger does not know it. Texts are made printable, because plans print the state.
 */
export function observedState(
  prior: HostFiles,
  observation: Observation,
  host: HostSettings,
  diagnostics: Diagnostics,
): HostFiles | null {
  const { facts, ledger, texts } = observation;
  for (const path of observedPaths(prior)) reportUnavailable(path, facts.get(path), host, diagnostics);
  const missing = declaredPaths(prior).filter((path) => !facts.has(path));
  const keep = <T>(
    entries: Readonly<Record<string, T>> | null,
    kind: Fact["kind"],
    read: (entry: T, fact: Fact, path: string) => T,
  ) =>
    entries &&
    Object.fromEntries(
      Object.entries(entries).flatMap(([path, entry]) => {
        const fact = facts.get(path);
        if (fact === undefined) return [[path, entry] as const];
        if (fact.kind === kind) return [[path, read(entry, fact, path)] as const];
        reportOtherKind(path, fact, kind, host, diagnostics);
        return [];
      }),
    );
  const spell = spelling(host);
  const state: HostFiles = {
    ...prior,
    secrets: null,
    files: keep<HostFile>(prior.files, "file", (file, fact, path) => ({
      ...file,
      ...spell(file, fact),
      sha256: fact.sha256 ?? null,
      text:
        file.text === null || sha256(file.text) === fact.sha256
          ? file.text
          : printable(texts.get(path) ?? ""),
    })),
    links: keep<string>(prior.links, "link", (_, { target }) => printableLine(target ?? "")),
    directories: keep(prior.directories, "directory", (directory, fact) => ({
      ...directory,
      ...spell(directory, fact),
    })),
    pending: pending(prior, observation, host),
    missing: missing.length > 0 ? missing : null,
  };
  return isGone(prior, state, ledger) ? null : state;
}

/** Keeps the configuration's spelling of equivalent values, so that a plan shows no difference. */
function spelling({ applyOwnership }: HostSettings) {
  return (prior: Ownership, fact: Fact): Ownership => ({
    mode: prior.mode !== null && fourDigits(prior.mode) === fact.mode ? prior.mode : fact.mode,
    owner:
      !applyOwnership || isOwnedAsWanted({ owner: prior.owner, group: null }, fact)
        ? prior.owner
        : shown(fact.owner),
    group:
      !applyOwnership || isOwnedAsWanted({ owner: null, group: prior.group }, fact)
        ? prior.group
        : shown(fact.group),
  });
}

function shown(name: string | null): string | null {
  return name === null ? null : printableLine(name);
}

interface Ownership {
  readonly mode: string | null;
  readonly owner: string | null;
  readonly group: string | null;
}

/**
 * Whether nothing of the resource is left. A resource that declares nothing is never gone: every apply would
 * create it again.
 */
function isGone(prior: HostFiles, state: HostFiles, ledger: Ledger): boolean {
  const token = prior.id ?? "";
  if (declaredPaths(prior).length === 0) return false;
  if (declaredPaths(state).some((path) => state.missing?.includes(path) !== true)) return false;
  return ledger.pathsOf(token).size === 0 && describePending(ledger, token) === null;
}

/** The text for `pending`; null if nothing is pending. */
function pending(prior: HostFiles, observation: Observation, host: HostSettings): string | null {
  const { ledger, facts } = observation;
  const token = prior.id ?? "";
  const all = [
    describePending(ledger, token),
    prior.role === "base" ? strayActivations(ledger, token, host) : null,
    lostClaims(prior, ledger, token),
    closed(prior, ledger, facts),
    notServed(prior, observation),
  ].filter((text) => text !== null);
  return all.length > 0 ? printableLine(all.join("; ")) : null;
}

/**
 * Activations that are pending because a run was interrupted before its resource was in the state. Services
 * that this stack does not declare are left to the stack that does.
 */
function strayActivations(
  ledger: Ledger,
  token: string,
  { services: declared }: HostSettings,
): string | null {
  const stray = ledger.pendingActivations.filter(
    (each) => each.token !== token && declared.has(each.service),
  );
  const services = stray.map(({ service }) => service);
  if (services.length === 0) return null;
  return PENDING.interrupted([...new Set(services)].sort().join(" and "));
}

function lostClaims(prior: HostFiles, ledger: Ledger, token: string): string | null {
  const paths = [prior.files, prior.links].flatMap((entries) => Object.keys(entries ?? {}));
  const lost = paths.filter((path) => ledger.owner(path)?.token !== token);
  const [first, ...others] = lost;
  if (first === undefined) return null;
  const owner = ledger.owner(first);
  const now = owner ? belongsTo(first, owner, prior, ledger) : PENDING.notInLedger(first);
  return `${now}${others.length > 0 ? `, and ${others.length} more` : ""}`;
}

function belongsTo(
  path: string,
  { stack, token }: Claim,
  { state_id: state }: HostFiles,
  ledger: Ledger,
): string {
  const other = ledger.stateOf(token);
  const isOther = state !== null && other !== undefined && other !== state;
  return isOther ? PENDING.ofOtherState(path, stack) : PENDING.ofOtherResource(path, stack);
}

/** Directories that the provider created for these files and that the server may no longer be able to enter. */
function closed({ files, links }: HostFiles, ledger: Ledger, facts: Observation["facts"]): string | null {
  const listed = (entries: object | null) => Object.keys(entries ?? {}).map((path) => ({ path }));
  const [path] = closedDirectories({ files: listed(files), links: listed(links) }, { facts, ledger });
  return path === undefined ? null : PENDING.otherMode(path, String(facts.get(path)?.mode), OPEN_MODE);
}

function reportUnavailable(
  path: string,
  fact: Fact | undefined,
  host: HostSettings,
  diagnostics: Diagnostics,
): void {
  const problem = unavailability(fact);
  if (problem !== null) diagnostics.error(FILE.unreadable(path), `On host "${host.name}": ${problem}`);
}

/** Why a path could not be read, and what to do; null if it could. */
export function unavailability(fact: Fact | undefined): string | null {
  return fact?.kind === "unavailable" ? whyUnavailable(fact) : null;
}

function reportOtherKind(
  path: string,
  fact: Fact,
  wanted: string,
  host: HostSettings,
  diagnostics: Diagnostics,
): void {
  if (fact.kind === "unavailable") return;
  diagnostics.warning(
    FILE.ofOtherKind(path, wanted),
    `On host "${host.name}" a ${fact.kind} has that name now. The plan treats the ${wanted} as deleted.`,
  );
}
