import type { AcmeFailure } from "../../acme/failure";
import type { Values } from "./schema";

const MOST_NAMES = 3;

/** The certificate's name in the title of a message: the parent domain of all names, otherwise the first name. */
export function subjectOf({
  names,
  optional_names: optional,
}: Pick<Values, "names" | "optional_names">): string {
  const all = [...names, ...(optional ?? [])].map((name) => name.toLowerCase().replace(/^\*\./, ""));
  const domain = all.find((name) => all.every((other) => other === name || other.endsWith(`.${name}`)));
  if (domain !== undefined) return domain;
  const parent = all[0]?.slice(all[0].indexOf(".") + 1) ?? "";
  const isCommon = parent.includes(".") && all.every((name) => name.endsWith(`.${parent}`));
  return isCommon ? `the names below ${parent}` : String(names[0]);
}

/**
 * The names that the failure is about, as the end of a title; empty if it is about none, or only about the
 * subject itself.
 */
export function faultOf(config: Pick<Values, "names" | "optional_names">, { names }: AcmeFailure): string {
  const subject = subjectOf(config);
  const atFault = names.filter((name) => name !== subject);
  if (atFault.length === 0) return "";
  const more = atFault.length - MOST_NAMES;
  return `: ${atFault.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
