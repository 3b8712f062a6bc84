import { inspectCombinedPem } from "../../../shared/combined-pem";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import type { Service } from "../services/service";
import { unread } from "./unread-files";
import type { Part } from "./work";

/** A name of a part that another certificate than its own may be chosen for. */
interface Doubt {
  readonly part: Part;
  readonly name: string;
  /** The certificate that the name is to be shown. */
  readonly wanted: string;
  /** What the block that may be chosen instead is for, in the server's own words. */
  readonly rival: string;
  /** No block is for the name at all: the part's own configuration may not be read. */
  readonly isAbsent: boolean;
}

/**
 * The parts with a name that the configuration, as it is now, picks another certificate for than theirs. Each such name is
 * noted in its part.
 *
 * @param isOurs whether a path is that of a file which is written here
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

/** The parts whose certificate is to be that of clients without SNI, where the configuration names another one. */
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

/** Of a service that does not say how its blocks are found, every name may be another's. */
async function doubtsAbout(service: Service, parts: readonly Part[]): Promise<Doubt[]> {
  const { nameBlocks, chosen } = service.settings;
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
  // A certificate need not be for all that its configuration names, but where it is, it is to be presented.
  const optional = configuredWords(part).filter((word) => !names.includes(word) && isInDoubt(word));
  const doubtful = [...names.filter(isInDoubt), ...coveredNames(part, optional)];
  return doubtful.map((name) => ({ part, name, wanted, rival: name, isAbsent: false }));
}

/** One name is enough: they are all in the same file. */
function absence(part: Part, isAbsent: (name: string) => boolean): Doubt[] {
  const wanted = part.pem?.path;
  const words = configuredWords(part);
  const name = part.work.change.names.find((each) => words.includes(each) && isAbsent(each));
  return wanted === undefined || name === undefined
    ? []
    : [{ part, name, wanted, rival: "", isAbsent: true }];
}

/** Among them every name. */
function configuredWords({ configurationFiles }: Part): string[] {
  return [...new Set(configurationFiles.flatMap(({ contents }) => contents.split(/[\s"]+/)))];
}

function coveredNames({ pem }: Part, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const inspection = inspectCombinedPem(pem?.contents ?? "", { names: [], at: new Date() });
  return inspection.ok ? inspection.certificate.leaf.dnsNames.filter((name) => names.includes(name)) : [];
}

/** In characters: as much of what a host says a path is as a message has room for. */
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
