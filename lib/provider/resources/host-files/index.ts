import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { HostUnreachable } from "../../../shared/transport/unreachable";
import type { ChangeResult } from "../../host/desired/change";
import type { Host } from "../../host/host";
import { HostUnusable } from "../../host/host-unusable";
import type { Hosts } from "../../host/hosts";
import type { Observation, Question } from "../../host/observer";
import type { InstalledCertificate } from "../../host/served/installed-certificates";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { FILE } from "../../messages/files";
import { HOST } from "../../messages/hosts";
import type { Diagnostics } from "../../protocol/diagnostics";
import { defineResource, type Outcome, type PrivateState, type Resource } from "../../protocol/resource";
import type { AttributePath } from "../../protocol/schema/attribute-path";
import { isUnknown, UNKNOWN } from "../../protocol/values/unknown";
import { IssuedHere } from "../issued-here";
import {
  knownHost,
  reachableHost,
  reachesSameHost,
  refuseGone,
  rememberedConnection,
  writableHost,
} from "../named-host";
import { refuseActiveRenewers } from "./active-renewers";
import { desiredChange } from "./desired-change";
import { eitherOf, withoutUndeployed } from "./failed-update";
import { hostFilesIdentity, stateOf, textsOf, tokenOf } from "./imported";
import {
  expired,
  type InspectedPems,
  inspectedPems,
  inspectionOf,
  needsInspection,
  rememberedInspection,
} from "./inspected-pems";
import { type InstalledLeaves, installedLeaves, leavesOf, rememberedLeaves } from "./installed-leaves";
import { completed, filled } from "./known-after-apply";
import { type KnownPems, knownPems, pemsToKnow, rememberedPems } from "./known-pems";
import { observedState, questionAbout } from "./observed-state";
import { inspectPlannedPems, pemsForHost, sha256OnHost } from "./pems";
import { contentsOf, planDirectories, planFiles, unknownPems } from "./planned-files";
import { refreshed } from "./refresh";
import { type HostFiles, type HostFilesAttributes, schema } from "./schema";
import { validate } from "./validation";

/** `mailsni_host_files`: files and links on one host, usually those of one certificate. */
export function hostFiles(
  passphrases: KeyPassphrases,
  issued = new IssuedHere(),
): Resource<HostFilesAttributes, Hosts> {
  return defineResource<HostFilesAttributes, Hosts>({
    schema,
    validate,

    plan({ config, prior, planned, private: kept, provider, diagnostics, requireReplacement }) {
      planDirectories(planned, config);
      planFiles(planned, config, (pem) => sha256OnHost(pem, knownPems(kept), passphrases));
      planned.missing = null;
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
      const isApplied = prior === null || !isDeepStrictEqual(planned, prior);
      if (prior !== null) {
        const installed = isApplied ? null : installedBy(prior, installedLeaves(kept));
        knownHost(prior.host, kept, provider)?.installed.notePlanned(prior.id ?? "", installed);
      }
      const isNew = prior === null || !isDeepStrictEqual(contentsOf(planned), contentsOf(prior));
      // PEMs were inspected when they were installed. They are inspected again if there is something to
      // apply, or if one expires soon.
      if (isApplied || needsInspection(inspectedPems(kept), new Date()))
        inspectPlannedPems(config, { isNew, isApplied, passphrases, issued }, diagnostics);
    },

    async create({ config, planned, provider, diagnostics }) {
      const host = writableHost(config.host, provider, diagnostics);
      await refuseActiveRenewers(host, config, diagnostics);
      const secrets = host && pemsForHost(config, unknownPems(planned), { passphrases, issued }, diagnostics);
      if (!host || diagnostics.hasErrors) return null;
      const token = randomBytes(8).toString("hex");
      const wanted = { ...filled(planned), id: token, secrets };
      const result = await host.change(desiredChange("create", ownedBy(token, provider), wanted, null));
      report(result, wanted, diagnostics);
      if (diagnostics.hasErrors) return null;
      return outcome(await completed(wanted, planned, result, host), host, remembered(wanted));
    },

    identity: hostFilesIdentity,

    async import({ identity, provider, diagnostics }) {
      const host = reachableHost(String(identity.host), null, provider, diagnostics);
      if (!host) return null;
      const found = await observed(host, { paths: [], texts: new Map() }, diagnostics);
      const token = found && tokenOf(identity, provider.stack, found, diagnostics);
      if (!found || token === null) return null;
      const paths = [...found.ledger.pathsOf(token)];
      const facts = await observed(host, { paths, texts: new Map() }, diagnostics);
      const all = facts && (await observed(host, { paths, texts: textsOf(paths, facts) }, diagnostics));
      return all && { state: stateOf(token, identity, host, all), private: rememberedConnection(host) };
    },

    async read({ prior, private: kept, provider, diagnostics }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (!host) return null;
      const observation = await refreshed(prior, host, diagnostics);
      if (observation === "unknown") return { state: prior, private: kept };
      if (!observation) return null;
      const state = observedState(prior, observation, host.settings, diagnostics);
      const installed = state && installedBy(state, installedLeaves(kept));
      if (installed) host.installed.noteRead(state.id ?? "", installed);
      return state && outcome(withExpiry(state, kept), host, rememberedIn(kept));
    },

    async update({ config, planned, prior, private: kept, provider, diagnostics }) {
      const host = writableHost(config.host, provider, diagnostics);
      await refuseActiveRenewers(host, config, diagnostics);
      const secrets = host && pemsForHost(config, unknownPems(planned), { passphrases, issued }, diagnostics);
      if (!host || diagnostics.hasErrors) return null;
      const token = prior.id ?? "";
      const wanted = { ...filled(planned), id: token, secrets };
      const result = await host.change(desiredChange("update", ownedBy(token, provider), wanted, prior));
      report(result, wanted, diagnostics);
      if (!diagnostics.hasErrors)
        return outcome(await completed(wanted, planned, result, host), host, remembered(wanted));
      const either = eitherOf(wanted, prior);
      // If the host cannot be read either, the error of the update is enough.
      const observation = await host.observe(questionAbout(either)).catch(() => null);
      const state = observation && observedState(either, observation, host.settings, diagnostics);
      return state
        ? outcome(withoutUndeployed(state, wanted, prior), host, rememberedIn(kept))
        : { state: prior, private: kept };
    },

    async delete({ prior, private: kept, provider, diagnostics }) {
      const host = reachableHost(prior.host, kept, provider, diagnostics);
      if (!host) return;
      if (host.settings.gone) return warnOfLeftFiles(host, diagnostics);
      const change = desiredChange("delete", ownedBy(prior.id ?? "", provider), null, prior);
      report(await host.change(change), prior, diagnostics);
    },
  });
}

/** Null after an error: an import needs the host. */
async function observed(
  host: Host,
  question: Question,
  diagnostics: Diagnostics,
): Promise<Observation | null> {
  try {
    return await host.observe(question);
  } catch (error) {
    if (!(error instanceof HostUnreachable || error instanceof HostUnusable)) throw error;
    diagnostics.error(FILE.notImported, `Host "${host.settings.name}": ${error.message}`);
    return null;
  }
}

function ownedBy(token: string, { stack, takesOver, place }: Hosts) {
  return { stack, token, takesOver, place };
}

/** What private state has about the PEMs on the host. */
interface Remembered {
  readonly known: KnownPems;
  readonly inspected: InspectedPems | null;
  readonly leaves: InstalledLeaves;
}

function remembered(installed: HostFiles): Remembered {
  const { secrets } = installed;
  return { known: pemsToKnow(secrets), inspected: inspectionOf(secrets), leaves: leavesOf(installed) };
}

function rememberedIn(kept: PrivateState): Remembered {
  return { known: knownPems(kept), inspected: inspectedPems(kept), leaves: installedLeaves(kept) };
}

/** Null if the resource has installed no certificate. */
function installedBy({ role, names }: HostFiles, leaves: InstalledLeaves): InstalledCertificate | null {
  if (role === "base" || Object.keys(leaves).length === 0) return null;
  return { isDefault: role === "default", names: names ?? [], leaves };
}

/**
 * Adds an expired certificate to `pending`. Only called when the resource is read: plans must not depend on
 * the clock, and a plan with something pending is not empty.
 */
function withExpiry(state: HostFiles, kept: PrivateState): HostFiles {
  const pending = [state.pending, expired(inspectedPems(kept), new Date())].filter((text) => text !== null);
  return { ...state, pending: pending.length > 0 ? pending.join("; ") : null };
}

function outcome(
  state: HostFiles,
  host: Host,
  { known, inspected, leaves }: Remembered,
): Outcome<HostFilesAttributes> {
  const pems = { ...rememberedPems(known), ...rememberedInspection(inspected), ...rememberedLeaves(leaves) };
  return { state, private: { ...rememberedConnection(host), ...pems } };
}

/** Warns that the disks of a host marked as gone may still have keys. */
function warnOfLeftFiles(host: Host, diagnostics: Diagnostics): void {
  if (!host.isNews("gone")) return;
  diagnostics.warning(
    HOST.forgotten(host.settings.name),
    "Its resources are removed from the state only. Its disks may still hold the files, among them private keys: wipe " +
      "them, or reissue the certificates.",
  );
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
