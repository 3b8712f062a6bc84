import { printableLine } from "../../../shared/text/printable";
import type { Finding } from "../judgement/finding";
import { titleOf } from "../judgement/judgement";
import type { Summary } from "../judgement/summary";
import type { Question } from "../questions/question";

/** Name, host and port, cleaned for every report. */
export function placeOf(question: Question): string {
  return printableLine(`${titleOf(question)} at ${endpointTitle(question)}`);
}

/** Host and port, cleaned for every report. */
export function endpointTitle(question: Question): string {
  const { endpoint, address, through } = question;
  const { host, port, protocol } = endpoint;
  const at =
    address === null || address === host ? "" : ` (${address}${through === undefined ? "" : " through SSH"})`;
  return printableLine(`${host}${at} port ${port} (${protocol})`);
}

/** A finding as every report has it. */
export function sentencesOf({ problem, remedy, code }: Finding): string {
  return `${problem} ${remedy} [${code}]`;
}

/** All results together, in one line. */
export function totalsOf({ handshakes, unused, right, findings, exitCode }: Summary): string {
  const counts = `${findings.error} errors, ${findings.warning} warnings, ${findings.note} notes`;
  const state = exitCode === 2 ? "No server could be asked. " : "";
  return `${state}${right} of ${handshakes - unused} handshakes are right; ${counts}.`;
}
