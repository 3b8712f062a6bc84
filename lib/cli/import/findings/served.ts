import { groupBy } from "../../../shared/grouping";
import type { FoundServer } from "../layouts/server";
import { type Certificates, isFor } from "./certificates";
import { type Declaration, hostNamesOf } from "./declarations";
import { type Finding, finding } from "./finding";

/** What a server presents for a name, if that is wrong. */
interface Mistake {
  readonly server: FoundServer;
  readonly declaration: Declaration;
  readonly name: string;
  /** The entry that the server selects; null for the default. */
  readonly entry: string | null;
}

/**
 * Names for which a server presents a certificate that is not for them, although the host has one that is: computed from the
 * rules of each server, without a handshake.
 */
export function servedFindings(
  servers: readonly FoundServer[],
  declared: readonly Declaration[],
  certificates: Certificates,
): Finding[] {
  const mistakes = servers.flatMap((server) =>
    declared.flatMap((declaration) => mistakesOf(server, declaration, certificates)),
  );
  const groups = groupBy(mistakes, ({ server, declaration, entry }) =>
    JSON.stringify([server.title, declaration.domain, entry === null]),
  );
  return [...groups.values()].map(described);
}

function mistakesOf(server: FoundServer, declaration: Declaration, certificates: Certificates): Mistake[] {
  const own = certificates.leafAt(declaration.pair.certificate);
  if (own === null) return [];
  return hostNamesOf(declaration).flatMap((name): Mistake[] => {
    const entry = server.entryFor(name);
    const leaf = certificates.leafAt((entry ?? server.fallback)?.certificate);
    // What cannot be read is a finding of its own.
    if (leaf === null || isFor(leaf, name) || !isFor(own, name)) return [];
    return [{ server, declaration, name, entry: entry?.title ?? null }];
  });
}

function described(mistakes: readonly [Mistake, ...Mistake[]]): Finding {
  const [{ server, declaration, entry }] = mistakes;
  const names = mistakes.map(({ name }) => name);
  const { certificate } = declaration.pair;
  if (entry === null) {
    return finding(
      "served-default",
      "deploy",
      `${server.title} presents the default certificate for names of ${declaration.domain}, although ${certificate} is for them: it has no entry for them.`,
      "The first deploy adds an entry for each name.",
      { names, places: [certificate] },
    );
  }
  const entries = [...new Set(mistakes.flatMap((mistake) => mistake.entry ?? []))];
  return finding(
    "served-other",
    "deploy",
    `${server.title} presents a certificate for names of ${declaration.domain} that is not for them, although ${certificate} is: its entry has another file.`,
    "The first deploy adds an entry for each name. Remove the old one afterwards.",
    { names, places: entries },
  );
}

/** A server without a default, and servers whose defaults are different certificates. */
export function defaultFindings(servers: readonly FoundServer[], certificates: Certificates): Finding[] {
  const missing = servers.filter(({ fallback }) => fallback === null);
  const leaves = servers.flatMap(({ title, fallback }) => {
    const leaf = certificates.leafAt(fallback?.certificate);
    return fallback === null || leaf === null ? [] : [{ title, path: fallback.certificate, leaf }];
  });
  // Copies of different age are for the same names.
  const different = new Set(leaves.map(({ leaf }) => JSON.stringify([...leaf.dnsNames].sort())));
  return [
    ...missing.map(({ title }) =>
      finding(
        "no-default",
        "deploy",
        `${title} has no default certificate, so it offers no TLS at all, or fails for clients without SNI.`,
        "Check that defaultDomain in the stack is the domain that you want for it.",
      ),
    ),
    ...(different.size > 1
      ? [
          finding(
            "defaults-differ",
            "decision",
            `The default certificates of ${leaves.map(({ title }) => title).join(" and ")} differ: a MailSni has one default for all servers of a host.`,
            "Choose defaultDomain in the stack: clients without SNI get its certificate from all of them.",
            { places: leaves.map(({ path }) => path) },
          ),
        ]
      : []),
  ];
}
