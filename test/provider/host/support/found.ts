import type { Found } from "../../../../lib/provider/host/apply/decision";
import type { Fact } from "../../../../lib/provider/host/record/facts";
import { Ledger } from "../../../../lib/provider/host/record/ledger";
import type { LedgerEntry } from "../../../../lib/provider/host/record/ledger-line";
import { sha256 } from "../../../../lib/shared/sha256";

export const fact = (parts: Partial<Fact>): Fact => ({
  kind: "file",
  mode: "0600",
  uid: "0",
  gid: "0",
  owner: "root",
  group: "root",
  ...parts,
});
export const file = (contents: string, parts: Partial<Fact> = {}) =>
  fact({ sha256: sha256(contents), ...parts });
export const directory = (mode = "0755") => fact({ kind: "directory", mode });

export function found(
  facts: Readonly<Record<string, Fact>>,
  entries: readonly LedgerEntry[] = [],
  applyOwnership = true,
): Found {
  const ledger = new Ledger();
  ledger.record(entries);
  const unowned = new Set(Object.keys(facts).filter((path) => !ledger.owner(path)));
  return { facts: new Map(Object.entries(facts)), ledger, unowned, applyOwnership };
}
