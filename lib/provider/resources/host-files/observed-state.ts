import { printable, printableLine } from "../../../shared/printable";
import { sha256 } from "../../../shared/sha256";
import { adviceOn } from "../../../shared/transport/complaint";
import { closedDirectories, isOwnedAsWanted, OPEN_MODE } from "../../host/apply/decision";
import type { HostSettings } from "../../host/desired/host-settings";
import type { Observation, Question } from "../../host/observer";
import type { Fact } from "../../host/record/facts";
import { type Claim, describePending, type Ledger } from "../../host/record/ledger";
import { FILE } from "../../messages/files";
import { PENDING } from "../../messages/pending";
import type { Diagnostics } from "../../protocol/diagnostics";
import { fourDigits, observedPaths } from "./desired-change";
import type { HostFile, HostFiles } from "./schema";
import { notServed } from "./served-state";

/** What has to be asked of the host to know the state of the resource. */
export function questionAbout(prior: HostFiles): Question {
  const texts = Object.entries(prior.files ?? {}).flatMap(([path, { text }]) =>
    text === null ? [] : [[path, sha256(text)] as const],
  );
  return { paths: observedPaths(prior), texts: new Map(texts) };
}

/**
 * The state as it really is. Keys are those of the prior state: what has gone is left out, so that a plan shows it
 * being added again. Null where nothing is left of the resource and the host knows nothing of it. A plan prints what is
 * in the state, some of it as it is: so it is made fit for a terminal.
 */
export function observedState(
  prior: HostFiles,
  observation: Observation,
  host: HostSettings,
  diagnostics: Diagnostics,
): HostFiles | null {
  const { facts, ledger, texts } = observation;
  for (const path of observedPaths(prior)) reportUnavailable(path, facts.get(path), host, diagnostics);
  const keep = <T>(
    entries: Readonly<Record<string, T>> | null,
    kind: Fact["kind"],
    read: (entry: T, fact: Fact, path: string) => T,
  ) =>
    entries &&
    Object.fromEntries(
      Object.entries(entries).flatMap(([path, entry]) => {
        const fact = facts.get(path);
        if (fact?.kind === kind) return [[path, read(entry, fact, path)] as const];
        if (fact) reportOtherKind(path, fact, kind, host, diagnostics);
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
  };
  return isGone(prior, state, ledger) ? null : state;
}

/** Keeps the spelling of the configuration where it means the same, so that nothing looks changed that is not. */
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

/** A resource that declares nothing cannot be missed: taken for gone, it would be created at every apply. */
function isGone(prior: HostFiles, state: HostFiles, ledger: Ledger): boolean {
  const token = prior.id ?? "";
  if (!hasPaths(prior) || hasPaths(state)) return false;
  return ledger.pathsOf(token).size === 0 && describePending(ledger, token) === null;
}

function hasPaths({ files, links, directories }: HostFiles): boolean {
  return [files, links, directories].some((paths) => Object.keys(paths ?? {}).length > 0);
}

/** What is pending on the host, in words; null where nothing is. */
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
 * Activations that are pending because a run was interrupted: its resource may never have come to be. A service that is not
 * declared here is told by the stack that declares it, or by nobody any more.
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

/** Directories that we made for these files, and that a server may not be able to enter any more. */
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
  if (fact?.kind !== "unavailable") return;
  diagnostics.error(
    FILE.unreadable(path),
    `On host "${host.name}": ${fact.problem}. ${adviceOn(fact.problem ?? "") ?? "Run `stat` on it there to see why"}.`,
  );
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
