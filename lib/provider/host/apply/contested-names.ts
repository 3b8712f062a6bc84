import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import type { Ledger } from "../record/ledger";
import type { Service } from "../services/service";
import { shownCertificate } from "../services/statements";
import { type Doubt, doubtsAbout } from "./doubtful-names";
import type { MovingName } from "./moving-names";
import { unread } from "./unread-files";
import type { Part } from "./work";

/** A doubt that is justified: the server selects another certificate. */
interface Contest extends Doubt {
  readonly instead: string;
}

/**
 * The parts with a name for which the present configuration selects another certificate. Each such name is
 * recorded in its part. A name that another resource of the same state still has is no problem: it is recorded as moving.
 */
export async function contestedParts(
  service: Service,
  parts: readonly Part[],
  ledger: Ledger,
): Promise<Map<Part, Problem>> {
  const asking = parts.filter(({ work, isInQuestion }) => work.change.role === null && isInQuestion);
  for (const part of asking) part.moving = [];
  const contests = await contestsAbout(service, asking);
  const places = await placesInSiblings(service, contests, ledger);
  const problems = new Map<Part, Problem>();
  for (const contest of contests) {
    const { part, name } = contest;
    const place = places.get(contest);
    if (place !== undefined) {
      part.moving.push(movingName(service, contest, place));
      continue;
    }
    part.takenNames.add(name);
    if (!problems.has(part)) problems.set(part, await problemOf(service, contest, ledger));
  }
  return problems;
}

/** The parts whose certificate should be the default (no SNI), if the configuration names another one. */
export async function contestedDefaults(
  service: Service,
  parts: readonly Part[],
  ledger: Ledger,
): Promise<Map<Part, Problem>> {
  const asking = parts.filter(({ work, isInQuestion }) => work.change.role === "default" && isInQuestion);
  const instead = asking.length > 0 ? await service.defaultCertificate() : undefined;
  const contested = asking.filter(({ pem }) => pem && instead !== undefined && pem.path !== instead);
  if (instead === undefined || contested.length === 0) return new Map();
  const place = await service.placeOf([instead], isOwnedIn(ledger));
  return new Map(contested.map((part) => [part, takenDefault(service, part, instead, place)]));
}

async function contestsAbout(service: Service, parts: readonly Part[]): Promise<Contest[]> {
  const doubts = parts.length > 0 ? await doubtsAbout(service, parts) : [];
  const chosen = await service.chosenCertificates(doubts.map(({ name }) => name));
  return doubts.flatMap((doubt, index) => {
    const instead = chosen[index];
    return instead === undefined || instead === doubt.wanted ? [] : [{ ...doubt, instead }];
  });
}

/** Where blocks that override names are, if a file of another resource of the same state has them. */
async function placesInSiblings(
  service: Service,
  contests: readonly Contest[],
  ledger: Ledger,
): Promise<Map<Contest, string | undefined>> {
  const siblings = contests.flatMap((each) => {
    const { wanted, instead, rival, name, isAbsent } = each;
    const sibling = ledger.siblingOwner(instead, wanted);
    // A pattern does not move with a name.
    return sibling && !isAbsent && name === rival ? [{ each, word: rival, token: sibling.token }] : [];
  });
  const places = await service.placesOf(
    siblings.map(({ word, token }) => ({ word, isMeant: (path) => ledger.owner(path)?.token === token })),
  );
  return new Map(siblings.map(({ each }, index) => [each, places[index]]));
}

function movingName(
  { name: service }: Service,
  { part, name, wanted, instead }: Contest,
  place: string,
): MovingName {
  const { token, stack } = part.work.change;
  return { service, name, token, stack, wanted, fingerprint: part.leaf?.fingerprintSha256, instead, place };
}

async function problemOf(service: Service, contest: Contest, ledger: Ledger): Promise<Problem> {
  const { part, isAbsent, rival, instead } = contest;
  if (isAbsent) return unread(service, part);
  return taken(service, contest, await service.placeOf([rival, instead], isOwnedIn(ledger)));
}

function isOwnedIn(ledger: Ledger): (path: string) => boolean {
  return (path) => ledger.owner(path) !== undefined;
}

function taken(service: Service, { name, wanted, instead }: Contest, place?: string): Problem {
  return {
    summary: SERVICE.nameTaken(name, service.name),
    detail:
      `Clients that request ${name} would get ${shownCertificate(instead)}, not the one in ${wanted}. ` +
      `Remove that name's block${at(place)} from the configuration of ${service.name}, or the name from this domain.`,
    path: wanted,
  };
}

function takenDefault(service: Service, { pem }: Part, instead: string, place?: string): Problem {
  return {
    summary: SERVICE.defaultTaken(service.name),
    detail:
      `Clients without SNI would get ${shownCertificate(instead)}, not the one in ${pem?.path}. ` +
      `Remove the later setting${at(place)} from the configuration of ${service.name}.`,
    path: pem?.path,
  };
}

function at(place: string | undefined): string {
  return place === undefined ? "" : ` (${place})`;
}
