import type { Problem } from "../desired/change";
import type { Service } from "../services/service";
import type { Part } from "./work";

/** Parts of a service that is not installed, or has another version than declared. Parts that only remove files are allowed. */
export interface Misfits {
  /** Parts that write files which the service cannot use: they are undone and fail. */
  readonly writing: ReadonlyMap<Part, Problem>;
  /** Parts that write nothing: their existing files stay, and the problem is reported. */
  readonly inPlace: ReadonlyMap<Part, Problem>;
}

/** Whether to check the installed version before the swap: only for parts that prepare the host. */
export function needFit(parts: readonly Part[]): boolean {
  return parts.some(
    ({ work, steps, isInQuestion }) => work.change.role === "base" && (steps.length > 0 || isInQuestion),
  );
}

/** The misfits; undefined if the service is installed in the version that the files are written for. */
export async function misfits(service: Service, parts: readonly Part[]): Promise<Misfits | undefined> {
  const problem = await service.misfit();
  if (!problem) return undefined;
  const failing = (isMisfit: (part: Part) => boolean) =>
    new Map(parts.filter(isMisfit).map((part) => [part, problem]));
  return { writing: failing(writes), inPlace: failing(isAskedOnly) };
}

function writes({ steps }: Part): boolean {
  return steps.some((step) => step.do !== "remove");
}

function isAskedOnly({ steps, isInQuestion }: Part): boolean {
  return steps.length === 0 && isInQuestion;
}
