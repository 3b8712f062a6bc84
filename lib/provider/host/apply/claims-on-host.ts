import type { Change, Removal } from "../desired/change";
import type { Ledger } from "../record/ledger";

/** Adds to the removals of a deletion what a program on the host has claimed with the resource's token. */
export function withClaimsOnHost(change: Change, ledger: Ledger): Change {
  if (change.kind !== "delete" || change.claimsOnHost !== "remove") return change;
  const known = new Set(change.removals.map(({ path }) => path));
  const claimed = [...ledger.pathsOf(change.token)].filter((path) => !known.has(path));
  return { ...change, removals: [...change.removals, ...claimed.map((path) => removalOf(path, ledger))] };
}

/** A path of which the program has not said who reads it stays: it could be a server's only certificate. */
function removalOf(path: string, ledger: Ledger): Removal {
  const use = ledger.use(path);
  return {
    path,
    configuration: use?.part === "text",
    service: use?.service ?? null,
    keep: use?.fate !== "remove",
  };
}
