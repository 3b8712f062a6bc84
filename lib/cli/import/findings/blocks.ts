import {
  BLOCK_RULES_23,
  BLOCK_RULES_24,
  type ChosenBlock,
  LocalNameBlocks,
} from "../../../shared/dovecot/local-name-blocks";
import { BlockWinner } from "../../../shared/service/block-winner";
import type { FoundDovecot } from "../layouts/dovecot";
import type { FoundServer } from "../layouts/server";
import { type Declaration, hostNamesOf } from "./declarations";
import { type Finding, finding } from "./finding";

/** Blocks of Dovecot that match the same name with different certificates, and what only some clients are presented. */
export function blockFindings(dovecot: FoundDovecot | null, declared: readonly Declaration[]): Finding[] {
  if (dovecot === null) return [];
  const { server, conditional, problem } = dovecot;
  return [
    ...(problem === null ? [] : [unread(problem)]),
    ...(server === null ? [] : overlapping(server, declared)),
    ...(conditional.length === 0 ? [] : [conditionalFinding(conditional)]),
  ];
}

function overlapping(server: FoundServer, declared: readonly Declaration[]): Finding[] {
  const blocks = blocksOf(server);
  const names = [...new Set([...declared.flatMap(hostNamesOf), ...exactNames(server)])];
  const found = names.flatMap((name) => {
    const matches = blocks.matches(name);
    return new Set(matches.map(({ certificate }) => certificate)).size > 1 ? [{ name, matches }] : [];
  });
  if (found.length === 0) return [];
  const lost = new Set(namesLost(server, declared));
  const kept = found.filter(({ name }) => !lost.has(name));
  return [
    ...(lost.size > 0
      ? [
          losing(
            [...lost],
            found.filter(({ name }) => lost.has(name)),
          ),
        ]
      : []),
    ...(kept.length > 0 ? [harmless(server, kept)] : []),
  ];
}

/** Declared names that blocks of the server would still override after a deploy. */
export function namesLost(server: FoundServer, declared: readonly Declaration[]): string[] {
  const blocks = blocksOf(server);
  return declared.flatMap((declaration) => {
    const names = hostNamesOf(declaration);
    return names.filter((name) => {
      const ours = server.version === "2.3" ? [...names, ...names.slice(0, 1)] : [name];
      return blocks.chosen(name, ours) !== undefined;
    });
  });
}

function blocksOf({ version, entries }: FoundServer): LocalNameBlocks {
  return new LocalNameBlocks(
    version === "2.3" ? BLOCK_RULES_23 : BLOCK_RULES_24,
    entries.map(({ names, certificate }) => ({ names: [...names], certificate })),
  );
}

function exactNames({ entries }: FoundServer): string[] {
  return entries.flatMap(({ names }) => names.filter((name) => !/[*?]/.test(name)));
}

interface Overlap {
  readonly name: string;
  readonly matches: readonly ChosenBlock[];
}

function places(overlaps: readonly Overlap[]): string[] {
  const blocks = overlaps.flatMap(({ matches }) => matches);
  return [
    ...new Set(blocks.map(({ names, certificate }) => `local_name ${names.join(" ")}: ${certificate}`)),
  ];
}

function losing(names: readonly string[], overlaps: readonly Overlap[]): Finding {
  return finding(
    "overlapping-blocks",
    "decision",
    "Blocks of Dovecot would override names of the stack after a deploy, so the deploy would be refused: the stack leaves them out of otherBlocks.",
    "Remove the blocks with a wildcard first, or those with the exact names.",
    { names, places: places(overlaps) },
  );
}

function harmless({ version, title }: FoundServer, overlaps: readonly Overlap[]): Finding {
  const winner = (version === "2.3" ? BLOCK_RULES_23 : BLOCK_RULES_24).winner;
  const rule = winner === BlockWinner.FIRST ? "first" : "last";
  return finding(
    "overlapping-blocks",
    "deploy",
    `Several blocks of ${title} match the same name with different certificates: the ${rule} one wins, and after an upgrade from 2.3 to 2.4 the other.`,
    "The blocks of the first deploy win over them. Remove the old blocks afterwards.",
    { names: overlaps.map(({ name }) => name), places: places(overlaps) },
  );
}

function conditionalFinding(conditional: FoundDovecot["conditional"]): Finding {
  return finding(
    "conditional-certificate",
    "decision",
    "Dovecot presents other certificates to some clients: in blocks of a protocol or an address. The stack does not have them.",
    "Remove them before the first deploy: with local_name beside them, Dovecot 2.3 drops the connection, and in 2.4 the later one wins.",
    { places: [...new Set(conditional.map((blocks) => blocks.join(" { ")))] },
  );
}

function unread(problem: string): Finding {
  return finding(
    "not-read",
    "decision",
    `Dovecot's configuration cannot be read, so nothing is known of what it presents: ${problem}`,
    "Run doveconf -n on the host, and fix what it reports.",
  );
}
