import { sha256 } from "../../../shared/sha256";
import type { Observation } from "../../host/observer";
import type { Served, ServiceStatement } from "../../host/services/enquiry";
import { PENDING } from "../../messages/pending";
import type { HostFiles } from "./schema";

/** The certificates that services are to present for the names of the resource. */
export function servedBy(state: HostFiles): Served[] {
  const names = (state.role === null && state.names) || [];
  return servicesOf(state).flatMap(({ service, certificate }) =>
    certificate === undefined ? [] : [{ service, certificate, names }],
  );
}

/** What a service presents in place of what is on the host for it, in words; null where that is what it presents. */
export function notServed(state: HostFiles, { statements, facts }: Observation): string | null {
  if (!statements) return null;
  for (const files of servicesOf(state)) {
    const statement = statements.of(files.service);
    // Where its files are not as they should be, those will be mended first.
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

/** In characters: as much of what a host says a path is as a plan has room for. */
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

/** Services whose configuration is among the files: what reads its files at each connection presents what is there. */
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
