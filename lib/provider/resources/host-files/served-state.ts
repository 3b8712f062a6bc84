import { sha256 } from "../../../shared/sha256";
import { pendingMove } from "../../host/apply/moving-names";
import type { Observation } from "../../host/observer";
import type { Ledger } from "../../host/record/ledger";
import type { Choice, Served, ServiceStatement } from "../../host/services/enquiry";
import { shownCertificate } from "../../host/services/statements";
import { PENDING } from "../../messages/pending";
import type { HostFiles } from "./schema";

/** The certificates that services must present for the names of the resource. */
export function servedBy(state: HostFiles): Served[] {
  const names = (state.role === null && state.names) || [];
  return servicesOf(state).flatMap(({ service, certificate }) =>
    certificate === undefined ? [] : [{ service, certificate, names }],
  );
}

/**
 * What a service presents instead of the resource's certificate, as text for `pending`; null if it presents
 * the right one.
 */
export function notServed(state: HostFiles, observation: Observation): string | null {
  const { statements, facts } = observation;
  if (!statements) return null;
  for (const files of servicesOf(state)) {
    const statement = statements.of(files.service);
    // If the service's files have drifted, the next apply corrects them first.
    const isIntact = files.texts.every(([path, text]) => facts.get(path)?.sha256 === sha256(text));
    if (!statement || !isIntact) continue;
    const words = wordsFor(state, files, statement, observation);
    if (words !== null) return words;
  }
  return null;
}

function wordsFor(
  { role, names }: HostFiles,
  { service, certificate, texts }: ServiceFiles,
  statement: ServiceStatement,
  { statements, ledger }: Observation,
): string | null {
  if (role === "base") return unfit(service, texts, statement);
  if (certificate === undefined) return null;
  if (role === "default") {
    const { defaultCertificate: file } = statement;
    if (file === undefined || file === certificate) return null;
    return PENDING.defaultShownOther(shownCertificate(file), certificate);
  }
  for (const name of names ?? []) {
    const choice = statements?.choice(service, name);
    if (choice !== undefined && choice.file !== certificate)
      return wordsForName(name, choice, certificate, ledger);
  }
  return null;
}

function wordsForName(name: string, { file, place }: Choice, certificate: string, ledger: Ledger): string {
  const text = PENDING.nameShownOther(name, shownCertificate(file), certificate);
  if (place !== undefined) return `${text} (${place})`;
  const stack = ledger.siblingOwner(file, certificate)?.stack;
  return stack === undefined ? text : pendingMove({ name, instead: file, stack });
}

function unfit(
  service: string,
  [file]: ServiceFiles["texts"],
  { isInstalled, otherVersion, reads }: ServiceStatement,
): string | null {
  if (file === undefined) return null;
  if (!isInstalled) return PENDING.notInstalled(service);
  if (otherVersion !== undefined) return PENDING.otherVersion(service, otherVersion);
  return reads === false ? PENDING.doesNotRead(service, file[0]) : null;
}

interface ServiceFiles {
  readonly service: string;
  readonly certificate: string | undefined;
  /** Readable files: path and contents. */
  readonly texts: readonly (readonly [path: string, text: string])[];
}

/**
 * Services whose configuration is among the files. Others read the PEM at each connection, so they present
 * what is there.
 */
function servicesOf({ files }: HostFiles): ServiceFiles[] {
  const all = Object.entries(files ?? {});
  const services = new Set(all.flatMap(([, { service, text }]) => (text === null ? [] : (service ?? []))));
  return [...services].map((service) => {
    const own = all.filter(([, file]) => file.service === service);
    return {
      service,
      certificate: own.find(([, { text }]) => text === null)?.[0],
      texts: own.flatMap(([path, { text }]) => (text === null ? [] : [[path, text] as const])),
    };
  });
}
