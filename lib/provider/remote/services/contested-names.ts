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
  const { nameBlocks } = service.settings;
  if (!nameBlocks || asking.length === 0) return new Map();
  const listing = await service.answer(nameBlocks.list);
  if (listing === undefined) return new Map();
  const blocks = parseNameBlocks(listing, new RegExp(nameBlocks.pattern));
  const doubts = asking.flatMap((part) => doubtsOf(part, blocks));
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

/** A block ends where its closing brace stands alone in the first column, or where the next one begins. */
export function parseNameBlocks(listing: string, pattern: RegExp): NameBlock[] {
  const blocks: { names: readonly string[]; lines: string[] }[] = [];
  let open = false;
  for (const line of listing.split("\n")) {
    const begins = pattern.exec(line);
    if (begins) {
      const names = (begins[1] ?? "").replaceAll('"', "").toLowerCase().split(/\s+/).filter(Boolean);
      blocks.push({ names, lines: [] });
      open = true;
    } else if (line === "}") {
      open = false;
    } else if (open) {
      blocks.at(-1)?.lines.push(line);
    }
  }
  return blocks.map(({ names, lines }) => ({ names, text: lines.join("\n") }));
}

function doubtsOf(part: Part, blocks: readonly NameBlock[]): Doubt[] {
  const wanted = part.pem?.path;
  if (wanted === undefined) return [];
  const foreign = blocks.filter(({ text }) => !text.includes(wanted)).flatMap(({ names }) => names);
  return part.work.change.names
    .filter((name) => foreign.some((pattern) => mayMatch(pattern, name)))
    .map((name) => ({ part, name, wanted }));
}

/** A guess on the safe side: what it lets through is asked about. `*` and `?` may stand anywhere. */
export function mayMatch(pattern: string, name: string): boolean {
  const [, wildcard, tail] = /^(.*[*?])?(.*)$/.exec(pattern) as unknown as [string, string?, string?];
  return wildcard === undefined ? pattern === name : name.endsWith(tail as string);
}

function taken(service: Service, { name, wanted }: Doubt, instead: string): Problem {
  return {
    summary: `${name} is taken by another block of ${service.name}'s configuration`,
    detail:
      `A client that asks for ${name} would be shown ${instead ? `the certificate in ${instead}` : "no certificate"}, ` +
      `not the one in ${wanted}. Remove that name's block from the configuration of ${service.name}, or the name from ` +
      "this domain.",
    path: wanted,
  };
}
