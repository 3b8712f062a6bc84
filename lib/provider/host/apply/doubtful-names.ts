import type { Service } from "../services/service";
import type { Part } from "./work";

/** A name of a part for which the server may select another certificate. */
export interface Doubt {
  readonly part: Part;
  readonly name: string;
  /** The certificate that the server should select. */
  readonly wanted: string;
  /** The name or pattern of the block that it may select instead, as the server prints it. */
  readonly rival: string;
  /** Whether no block has the name at all: the server may not read the part's configuration. */
  readonly isAbsent: boolean;
}

/** The names to check: all of them if the service declares no way to list its blocks. */
export async function doubtsAbout(service: Service, parts: readonly Part[]): Promise<Doubt[]> {
  const { name_blocks: nameBlocks, chosen } = service.settings;
  if (!chosen) return [];
  if (!nameBlocks) return parts.flatMap((part) => doubtsOf(part, () => true));
  const blocks = await service.nameBlocks();
  if (blocks === undefined) return [];
  return parts.flatMap((part) => {
    const path = part.pem?.path;
    if (path === undefined) return [];
    const standing = (name: string) => blocks.standing(name, path);
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

function coveredNames(part: Part, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return part.leaf?.dnsNames.filter((name) => names.includes(name)) ?? [];
}
