import type { Problem } from "../desired/change";
import type { Service } from "../services/service";
import type { Part } from "./work";

/** Parts of a service that is not installed, or is of another version. Parts that only remove are allowed. */
export interface Misfits {
  /** They write files that the service cannot use: they are undone and fail. */
  readonly writing: ReadonlyMap<Part, Problem>;
  /** They write nothing: their files were there before and stay, and the problem is reported. */
  readonly inPlace: ReadonlyMap<Part, Problem>;
}

/** Whether the installed version is asked before the files of these parts are swapped in: they prepare the host. */
export function needFit(parts: readonly Part[]): boolean {
  return parts.some(
    ({ work, steps, isInQuestion }) => work.change.role === "base" && (steps.length > 0 || isInQuestion),
  );
}

/** Undefined if the service is installed, and of the version that files are written for. */
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
