import type { Refusal, RefusalCause } from "../policy/refusal";

const LABEL = "refused";

/** What a line ends with, by the cause of the refusal. */
export const CAUSES: Readonly<Record<RefusalCause, string>> = {
  undeployed: "a change that is not deployed",
  drift: "it was changed on the host",
  "other provider": "a resource of another provider",
  incomplete: "the engine stopped early",
};

/** A line for each refusal, with its cause. */
export function refusalLines(refusals: readonly Refusal[]): string[] {
  return refusals.map(
    ({ address, problem, cause }) =>
      `${LABEL} ${address === null ? "" : `${address}: `}${problem} (${CAUSES[cause]})`,
  );
}

/**
 * What to do, for each cause that there is.
 *
 * @param from the directory of `--from`; null without it
 */
export function waysOut(refusals: readonly Refusal[], stack: string, from: string | null): string[] {
  const causes = new Set(refusals.map(({ cause }) => cause));
  const ways: Readonly<Record<RefusalCause, string>> = {
    undeployed:
      from === null
        ? `Deploy the reviewed change (cdktf deploy ${stack}), or renew what is due from a copy of what was deployed last: mail-sni renew --from DIRECTORY.`
        : `${from} is not a copy of what was deployed last: deploy (cdktf deploy ${stack}), and make a new copy after each deploy.`,
    drift: `Overwrite the change on the host (cdktf deploy ${stack}), or change the project to match the host.`,
    "other provider": `Deploy it (cdktf deploy ${stack}), or give resources of other providers a stack of their own.`,
    incomplete: "Fix what the errors report.",
  };
  return [...causes].map((cause) => `What to do: ${ways[cause]}`);
}
