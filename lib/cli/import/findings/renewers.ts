import { groupBy } from "../../../shared/grouping";
import { type Hook, type Renewer, userOf } from "../../../shared/renewers/renewers";
import type { HostFacts } from "../host/read-host";
import { writesServerFiles } from "../layouts/hook-words";
import { type Finding, finding } from "./finding";

/** What runs a client of a CA from time to time, and the hooks that a client runs. */
export function renewerFindings(facts: HostFacts): Finding[] {
  const { renewers, hooks, rows } = facts;
  return [
    ...[...groupBy(renewers, sameRemedy).values()].map((alike) => renewerFinding(alike, facts)),
    ...hooks.map(hookFinding),
    ...installing(rows),
  ];
}

/** lego has a line for each certificate. */
function sameRemedy(renewer: Renewer): string {
  return JSON.stringify([renewer.program, renewer.kind, renewer.file, userOf(renewer)]);
}

/** @param alike those of one file that run the same client */
function renewerFinding(alike: readonly [Renewer, ...Renewer[]], facts: HostFacts): Finding {
  const [{ program }] = alike;
  const writing = facts.hooks.filter((hook) => hook.program === program && writesServerFiles(hook));
  const installs = facts.rows.some((row) => row.client === program && row.installs !== undefined);
  const writes = writing.length > 0 || installs;
  const where = placeOf(alike);
  return finding(
    "renewer",
    writes ? "decision" : "note",
    writes
      ? `${program} runs from time to time (${where}) and writes files of the mail servers: it would undo a deploy.`
      : `${program} runs from time to time (${where}): it would go on to order certificates, beside those of a deploy.`,
    remedyOf(alike),
    { places: [...alike.map((renewer) => renewer.where), ...writing.map(({ path }) => path)] },
  );
}

function placeOf([first, ...others]: readonly [Renewer, ...Renewer[]]): string {
  return others.length === 0 ? first.where : `${others.length + 1} lines of ${first.file}`;
}

function remedyOf([first, ...others]: readonly [Renewer, ...Renewer[]]): string {
  const { program, file, remedy } = first;
  const byHand = `By hand: ${others.length === 0 ? remedy : `put a # in front of these lines of ${file}`}.`;
  const user = userOf(first);
  if (user !== null) return `It is in the crontab of the user ${user}, which retire leaves alone. ${byHand}`;
  return (
    "The stack has it in retire: the first deploy switches it off, and says so in its plan. If it also renews certificates of " +
    `other servers, such as a web server, they would expire: ${insteadOf(program)} ${byHand}`
  );
}

/** dehydrated renews nothing if it cannot run its hook, and acme.sh copies files itself. */
function insteadOf(program: string): string {
  if (program === "dehydrated") return "remove what writes files of the mail servers from its hook instead.";
  if (program === "acme.sh")
    return "leave it out of retire, and take the mail domains out of it (acme.sh --remove -d DOMAIN) before the first deploy.";
  return "retire its hook alone.";
}

function hookFinding(hook: Hook): Finding {
  const { path, words, program: client } = hook;
  const writes = writesServerFiles(hook);
  return finding(
    "hook",
    writes ? "decision" : "note",
    writes
      ? `A hook of ${client} writes files of the mail servers, which a deploy would own: ${path} has ${words.join(", ")}.`
      : `A hook of ${client} has to do with the mail servers: ${path} has ${words.join(", ")}.`,
    `Remove it from the configuration of ${client} when the first deploy has succeeded.`,
    { places: [path] },
  );
}

/** acme.sh copies certificates to where its `--install-cert` has told it. */
function installing(rows: HostFacts["rows"]): Finding[] {
  const found = rows.filter(({ installs }) => installs !== undefined);
  if (found.length === 0) return [];
  return [
    finding(
      "hook",
      "decision",
      "acme.sh copies certificates to files elsewhere after each renewal (--install-cert), which would undo a deploy if servers read them.",
      "Remove the domains from acme.sh when the first deploy has succeeded: acme.sh --remove -d DOMAIN.",
      {
        names: found.map(({ title, names }) => names?.[0] ?? title),
        places: [...new Set(found.flatMap(({ installs = [] }) => installs))],
      },
    ),
  ];
}
