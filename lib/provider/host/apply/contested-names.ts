import { inspectCombinedPem } from "../../../shared/combined-pem";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import type { Service } from "../services/service";
import { unread } from "./unread-files";
import type { Part } from "./work";

/** A name of a part for which the server may select another certificate. */
interface Doubt {
  readonly part: Part;
  readonly name: string;
  /** The certificate that the server should select. */
  readonly wanted: string;
  /** The name or pattern of the block that it may select instead, as the server prints it. */
  readonly rival: string;
  /** Whether no block has the name at all: the server may not read the part's configuration. */
  readonly isAbsent: boolean;
}

/**
 * The parts with a name for which the present configuration selects another certificate. Each such name is
 * recorded in its part.
 *
 * @param isOurs whether the provider writes the file at a path
 */
export async function contestedParts(
  service: Service,
  parts: readonly Part[],
  isOurs: (path: string) => boolean,
): Promise<Map<Part, Problem>> {
  const asking = parts.filter(({ work, isInQuestion }) => work.change.role === null && isInQuestion);
  const doubts = asking.length > 0 ? await doubtsAbout(service, asking) : [];
  const chosen = await service.chosenCertificates(doubts.map(({ name }) => name));
  const problems = new Map<Part, Problem>();
  for (const [index, doubt] of doubts.entries()) {
    const instead = chosen[index];
    if (instead === undefined || instead === doubt.wanted) continue;
    const { part, isAbsent, rival } = doubt;
    part.takenNames.add(doubt.name);
    if (problems.has(part)) continue;
    const place = isAbsent ? undefined : await service.placeOf([rival, instead], isOurs);
    problems.set(part, isAbsent ? unread(service, part) : taken(service, doubt, instead, place));
  }
  return problems;
}

/** The parts whose certificate should be the default (no SNI), if the configuration names another one. */
export async function contestedDefaults(
  service: Service,
  parts: readonly Part[],
  isOurs: (path: string) => boolean,
): Promise<Map<Part, Problem>> {
  const asking = parts.filter(({ work, isInQuestion }) => work.change.role === "default" && isInQuestion);
  const instead = asking.length > 0 ? await service.defaultCertificate() : undefined;
  const contested = asking.filter(({ pem }) => pem && instead !== undefined && pem.path !== instead);
  if (instead === undefined || contested.length === 0) return new Map();
  const place = await service.placeOf([instead], isOurs);
  return new Map(contested.map((part) => [part, takenDefault(service, part, instead, place)]));
}

/** The names to check: all of them if the service declares no way to list its blocks. */
async function doubtsAbout(service: Service, parts: readonly Part[]): Promise<Doubt[]> {
  const { name_blocks: nameBlocks, chosen } = service.settings;
  if (!chosen) return [];
  if (!nameBlocks) return parts.flatMap((part) => doubtsOf(part, () => true));
  const blocks = await service.nameBlocks();
  if (blocks === undefined) return [];
  return parts.flatMap((part) => {
    const standing = (name: string) => blocks.standing(name, part.pem?.path ?? "");
    const doubts = doubtsOf(part, (name) => standing(name) === "contested").map((doubt) => ({
      ...doubt,
      rival: blocks.rivalName(doubt.name, doubt.wanted) ?? "",
    }));
    return doubts.length > 0 ? doubts : absence(part, (name) => standing(name) === "absent");
  });
}

function doubtsOf(part: Part, isInDoubt: (name: string) => boolean): Doubt[] {
  const wanted = part.pem?.path;
  if (wanted === undefined) return [];
  const { names } = part.work.change;
  // The certificate need not cover all names in its configuration, but for those it covers it has to be
  // presented.
  const optional = configuredWords(part).filter((word) => !names.includes(word) && isInDoubt(word));
  const doubtful = [...names.filter(isInDoubt), ...coveredNames(part, optional)];
  return doubtful.map((name) => ({ part, name, wanted, rival: name, isAbsent: false }));
}

/** One absent name is enough: they are all in the same file. */
function absence(part: Part, isAbsent: (name: string) => boolean): Doubt[] {
  const wanted = part.pem?.path;
  const words = configuredWords(part);
  const name = part.work.change.names.find((each) => words.includes(each) && isAbsent(each));
  return wanted === undefined || name === undefined
    ? []
    : [{ part, name, wanted, rival: "", isAbsent: true }];
}

/** The words in a part's configuration. They include every name. */
function configuredWords({ configurationFiles }: Part): string[] {
  return [...new Set(configurationFiles.flatMap(({ contents }) => contents.split(/[\s"]+/)))];
}

function coveredNames({ pem }: Part, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const inspection = inspectCombinedPem(pem?.contents ?? "", { names: [], at: new Date() });
  return inspection.ok ? inspection.certificate.leaf.dnsNames.filter((name) => names.includes(name)) : [];
}

/** The maximum length, in characters, of a path from the host in a message. */
const LONGEST_PATH = 300;

function taken(service: Service, { name, wanted }: Doubt, instead: string, place?: string): Problem {
  return {
    summary: SERVICE.nameTaken(name, service.name),
    detail:
      `Clients that request ${name} would get ${shown(instead)}, not the one in ${wanted}. ` +
      `Remove that name's block${at(place)} from the configuration of ${service.name}, or the name from this domain.`,
    path: wanted,
  };
}

function takenDefault(service: Service, { pem }: Part, instead: string, place?: string): Problem {
  return {
    summary: SERVICE.defaultTaken(service.name),
    detail:
      `Clients without SNI would get ${shown(instead)}, not the one in ${pem?.path}. ` +
      `Remove the later setting${at(place)} from the configuration of ${service.name}.`,
    path: pem?.path,
  };
}

function shown(file: string): string {
  return file === "" ? "no certificate" : `the certificate in ${file.slice(0, LONGEST_PATH)}`;
}

function at(place: string | undefined): string {
  return place === undefined ? "" : ` (${place})`;
}
