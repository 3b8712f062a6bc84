import { truncated } from "../../../shared/text/truncated";
import { NOTHING_RETIRED, type RenewerFacts, type Retirement } from "./retirement";
import { returningPlaces } from "./returning-places";

/** What is to be off and runs, and what is to run again and is off, as words for `pending`; null if nothing is. */
export function pendingWords(wanted: Retirement, stack: string, facts: RenewerFacts): string | null {
  const { programs, hooks } = wanted;
  const renewers = facts.active.filter(({ program }) => programs.includes(program));
  // The next change takes what the host has recorded for the stack, and the stack no longer wants.
  const off = returningPlaces({ stack, wanted, before: NOTHING_RETIRED }, facts);
  const words = [
    ...renewers.map(({ program, where }) => `${program} is not switched off: ${where} runs it`),
    ...hooks.filter((hook) => facts.runnable.has(hook)).map((hook) => `${hook} is executable`),
    ...off.map(({ where }) => `${where} is not switched on again`),
  ];
  return words.length === 0 ? null : truncated(words.slice(0, MOST_WORDS).join("; "), MOST_CHARACTERS);
}

/** A host can have any number of lines. */
const MOST_WORDS = 20;
/** The state keeps it, and mail-sni reads it there. */
const MOST_CHARACTERS = 2000;
