import { sha256 } from "../../../shared/sha256";
import type { Observation } from "../../host/observer";
import type { Served, ServiceStatement } from "../../host/services/enquiry";
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
export function notServed(state: HostFiles, { statements, facts }: Observation): string | null {
  if (!statements) return null;
  for (const files of servicesOf(state)) {
    const statement = statements.of(files.service);
    // If the service's files have drifted, the next apply corrects them first.
    const isIntact = files.texts.every(([path, text]) => facts.get(path)?.sha256 === sha256(text));
    if (!statement || !isIntact) continue;
    const words = wordsFor(state, files, statement, statements);
    if (words !== null) return words;
  }
  return null;
}

function wordsFor(
  { role, names }: HostFiles,
  { service, certificate, texts }: ServiceFiles,
  statement: ServiceStatement,
  statements: NonNullable<Observation["statements"]>,
): string | null {
  if (role === "base") return unfit(service, texts, statement);
  if (certificate === undefined) return null;
  if (role === "default") {
    const { defaultCertificate: file } = statement;
    if (file === undefined || file === certificate) return null;
    return PENDING.defaultShownOther(shown(file), certificate);
  }
  for (const name of names ?? []) {
    const choice = statements.choice(service, name);
    if (choice === undefined || choice.file === certificate) continue;
    const place = choice.place === undefined ? "" : ` (${choice.place})`;
    return `${PENDING.nameShownOther(name, shown(choice.file), certificate)}${place}`;
  }
  return null;
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

/** In characters: the part of a path from the host that a plan shows. */
const LONGEST_PATH = 300;

function shown(file: string): string {
  return file === "" ? "no certificate" : `the certificate in ${file.slice(0, LONGEST_PATH)}`;
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
