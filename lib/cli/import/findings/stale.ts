import type { FoundServer, Pair } from "../layouts/server";
import type { Certificates } from "./certificates";
import type { Declaration } from "./declarations";
import { type Finding, finding } from "./finding";

/** A file that a server presents, and the newer certificate of a client that it was copied from. */
interface Stale {
  readonly path: string;
  readonly source: string;
  readonly names: readonly string[];
}

/** Copies of certificates that are older than what they were copied from: for the same names, and issued earlier. */
export function staleFindings(
  servers: readonly FoundServer[],
  declared: readonly Declaration[],
  certificates: Certificates,
): Finding[] {
  const sources = sourcesByNames(declared, certificates);
  return servers.flatMap((server) => {
    const stale = presented(server).flatMap((entry) => staleEntry(entry, sources, certificates));
    return stale.length === 0 ? [] : [staleFinding(server, stale)];
  });
}

interface Entry extends Pair {
  readonly names: readonly string[];
}

function presented({ entries, fallback }: FoundServer): Entry[] {
  return [...entries, ...(fallback === null ? [] : [{ ...fallback, names: [] }])];
}

function sourcesByNames(
  declared: readonly Declaration[],
  certificates: Certificates,
): ReadonlyMap<string, Declaration> {
  const known = declared.filter(({ row }) => row !== null);
  return new Map(
    known.flatMap((declaration): [string, Declaration][] => {
      const leaf = certificates.leafAt(declaration.pair.certificate);
      return leaf === null ? [] : [[keyOf(leaf.dnsNames), declaration]];
    }),
  );
}

function keyOf(names: readonly string[]): string {
  return JSON.stringify([...names].sort());
}

function staleEntry(
  { certificate, names }: Entry,
  sources: ReadonlyMap<string, Declaration>,
  certificates: Certificates,
): Stale[] {
  const leaf = certificates.leafAt(certificate);
  const source = leaf === null ? undefined : sources.get(keyOf(leaf.dnsNames))?.pair.certificate;
  const newer = certificates.leafAt(source);
  if (leaf === null || source === undefined || newer === null || newer.notBefore <= leaf.notBefore) return [];
  return [{ path: certificate, source, names: names.length > 0 ? names : leaf.dnsNames }];
}

function staleFinding({ title }: FoundServer, stale: readonly Stale[]): Finding {
  const [{ path, source }] = stale as readonly [Stale, ...Stale[]];
  return finding(
    "pem-stale",
    "deploy",
    stale.length === 1
      ? `${title} presents ${path}, an older certificate than ${source}: it was copied before the last renewal.`
      : `${title} presents ${stale.length} certificates that are older than those of the client: they were copied before the last renewals.`,
    "The first deploy installs the newer one. Whatever copies it has failed, or runs no more.",
    { names: [...new Set(stale.flatMap(({ names }) => names))], places: stale.map((each) => each.path) },
  );
}
