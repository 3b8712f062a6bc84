import { describe } from "vitest";
import type { Requirement } from "./machine";
import { NOT_RUN } from "./not-run";

export * from "./machine";

/** A suite that runs where everything it needs is there; elsewhere its title says what is missing. */
export function describeIf(
  requirements: Requirement | readonly Requirement[],
  title: string,
  suite: () => void,
): void {
  const missing = [requirements].flat().flatMap((requirement) => requirement.missing ?? []);
  if (missing.length === 0) describe(title, suite);
  else describe.skip(`${title} [${NOT_RUN}: ${missing.join("; ")}]`, suite);
}
