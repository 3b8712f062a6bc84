import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import { argumentLists } from "../../../shared/transport/argument-lists";
import { onHost } from "../../../shared/transport/connection-settings";
import { previousPath, stagedPath } from "../../../shared/transport/paths";
import type { Call } from "../../../shared/transport/session";
import type { SafeDirectories } from "./safe-directories";
import { isDirect } from "./swap";
import type { TransactionContext } from "./transaction-context";
import type { Work } from "./work";

/** Removes staged files and previous versions that a killed run has left beside files. */
export async function clearLeftovers({ session, host, ledgerFile }: TransactionContext): Promise<void> {
  const { unfinished } = ledgerFile.ledger;
  if (unfinished.length === 0) return;
  const names = unfinished.flatMap((path) => [path, stagedPath(path), previousPath(path)]);
  const [{ status }] = await session.round([
    ["clear_leftovers", ...names.map((path) => onHost(host, path))],
    ["close_staging", onHost(host, host.stateDirectory)],
  ]);
  if (status === 0) ledgerFile.note([["closed"]]);
}

/** Paths beside which the works have temporary files during the transaction. */
export function pathsInWork(works: readonly Work[]): string[] {
  return works.flatMap(({ parts, decision }) => [
    ...parts.flatMap(({ steps }) => steps.filter((step) => !isDirect(step)).map(({ path }) => path)),
    ...(decision?.linkedDirectories ?? []),
  ]);
}

/**
 * Removes unused staged files and previous versions that are no longer needed.
 *
 * @param stuck paths whose previous version has to stay beside them
 * @returns false if some may be left
 */
export async function discardBeside(
  paths: readonly string[],
  stuck: ReadonlySet<string>,
  { session, host }: Pick<TransactionContext, "session" | "host">,
  safe: SafeDirectories,
): Promise<boolean> {
  const byVerb = groupBy(paths, (path) => (safe.has(posix.dirname(path)) ? "discard_safely" : "discard"));
  const calls = [...byVerb].flatMap(([verb, group]) => {
    const names = group.flatMap((path) =>
      stuck.has(path) ? [stagedPath(path)] : [stagedPath(path), previousPath(path)],
    );
    return argumentLists(names.map((name) => onHost(host, name))).map((list): Call => [verb, ...list]);
  });
  const answers = await session.round(calls);
  return answers.every(({ status }) => status === 0);
}
