import { runInNewContext } from "node:vm";
import { inspectCombinedPem } from "../../../common/combined-pem";
import type { Problem } from "../change/change";
import type { Part } from "../change/work";
import type { Service } from "./service";

/** A block of a server's effective configuration that is for some names. */
interface NameBlock {
  /** As the server prints them: a `*` stands for one label. */
  readonly names: readonly string[];
  readonly text: string;
}

/** A name of a part that another block than its own may be chosen for. */
interface Doubt {
  readonly part: Part;
  readonly name: string;
  /** The certificate that the name is to be shown. */
  readonly wanted: string;
}

/** The parts with a name that the configuration, as it is now, picks another certificate for than theirs. */
export async function contestedParts(service: Service, parts: readonly Part[]): Promise<Map<Part, Problem>> {
  const asking = parts.filter(
    ({ work, stagedConfiguration }) => work.change.role === null && stagedConfiguration.length > 0,
  );
  const doubts = asking.length > 0 ? await doubtsAbout(service, asking) : [];
  const chosen = await service.chosenCertificates(doubts.map(({ name }) => name));
  const problems = new Map<Part, Problem>();
  doubts.forEach((doubt, index) => {
    const instead = chosen[index];
    if (instead !== undefined && instead !== doubt.wanted && !problems.has(doubt.part)) {
      problems.set(doubt.part, taken(service, doubt, instead));
    }
  });
  return problems;
}

/** Of a service that does not say how its blocks are found, every name may be another's. */
async function doubtsAbout(service: Service, parts: readonly Part[]): Promise<Doubt[]> {
  const { nameBlocks, chosen } = service.settings;
  if (!chosen) return [];
  if (!nameBlocks) return parts.flatMap((part) => doubtsOf(part, () => true));
  const listing = await service.answer(nameBlocks.list);
  if (listing === undefined) return [];
  const blocks = parseNameBlocks(listing, nameBlocks.pattern);
  // All of them are asked about, which costs time and misses none.
  if (blocks === undefined) return parts.flatMap((part) => doubtsOf(part, () => true));
  return parts.flatMap((part) => {
    const foreign = blocks
      .filter(({ text }) => !text.includes(part.pem?.path ?? ""))
      .flatMap(({ names }) => names);
    return doubtsOf(part, (name) => foreign.some((pattern) => mayMatch(pattern, name)));
  });
}

/**
 * A block ends where its closing brace stands alone in the first column, or where the next one begins.
 *
 * @returns undefined where the pattern takes too long: on some lines a regular expression can take years
 */
export function parseNameBlocks(listing: string, pattern: string): NameBlock[] | undefined {
  const beginnings = beginningsOf(listing, pattern);
  if (beginnings === undefined) return undefined;
  const blocks: { names: readonly string[]; lines: string[] }[] = [];
  let open = false;
  listing.split("\n").forEach((line, index) => {
    const begins = beginnings.get(index);
    if (begins !== undefined) {
      const names = begins.replaceAll('"', "").toLowerCase().split(/\s+/).filter(Boolean);
      blocks.push({ names, lines: [] });
      open = true;
    } else if (line === "}") {
      open = false;
    } else if (open) {
      blocks.at(-1)?.lines.push(line);
    }
  });
  return blocks.map(({ names, lines }) => ({ names, text: lines.join("\n") }));
}

const PATTERN_MILLISECONDS = 2_000;

/** Only a context of its own can be ended in the middle of a match. */
const MATCHING = `
  const expression = new RegExp(pattern);
  JSON.stringify(listing.split("\\n").flatMap((line, index) => {
    const match = expression.exec(line);
    return match ? [[index, match[1] ?? ""]] : [];
  }));
`;

/** Numbers of the lines that the pattern fits, with what its group holds. */
function beginningsOf(listing: string, pattern: string): Map<number, string> | undefined {
  try {
    const found = runInNewContext(MATCHING, { listing, pattern }, { timeout: PATTERN_MILLISECONDS });
    return new Map(JSON.parse(found) as [number, string][]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return undefined;
  }
}

function doubtsOf(part: Part, isInDoubt: (name: string) => boolean): Doubt[] {
  const wanted = part.pem?.path;
  if (wanted === undefined) return [];
  const { names } = part.work.change;
  // A certificate need not be for all that its configuration names, but where it is, it is to be presented.
  const optional = configuredWords(part).filter((word) => !names.includes(word) && isInDoubt(word));
  const doubtful = [...names.filter(isInDoubt), ...coveredNames(part, optional)];
  return doubtful.map((name) => ({ part, name, wanted }));
}

/** Among them every name. */
function configuredWords({ stagedConfiguration }: Part): string[] {
  const words = stagedConfiguration.flatMap((step) =>
    step.do === "put" ? step.file.contents.split(/[\s"]+/) : [],
  );
  return [...new Set(words)];
}

function coveredNames({ pem }: Part, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const inspection = inspectCombinedPem(pem?.contents ?? "", { names: [], at: new Date() });
  return inspection.ok ? inspection.certificate.leaf.dnsNames.filter((name) => names.includes(name)) : [];
}

/** A guess on the safe side: what it lets through is asked about. `*` and `?` may stand anywhere. */
export function mayMatch(pattern: string, name: string): boolean {
  const [, wildcard, tail] = /^(.*[*?])?(.*)$/.exec(pattern) as unknown as [string, string?, string?];
  return wildcard === undefined ? pattern === name : name.endsWith(tail as string);
}

/** In characters: as much of what a host says a path is as a message has room for. */
const LONGEST_PATH = 300;

function taken(service: Service, { name, wanted }: Doubt, instead: string): Problem {
  return {
    summary: `${name} is taken by another block of ${service.name}'s configuration`,
    detail:
      `A client that asks for ${name} would be shown ${instead ? `the certificate in ${instead.slice(0, LONGEST_PATH)}` : "no certificate"}, ` +
      `not the one in ${wanted}. Remove that name's block from the configuration of ${service.name}, or the name from ` +
      "this domain.",
    path: wanted,
  };
}
