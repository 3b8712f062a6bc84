import { CONFIGURATION } from "../messages/configuration";
import type { Diagnostics } from "../protocol/diagnostics";
import type { AttributePath } from "../protocol/schema/attribute-path";

/**
 * Refuses optional texts that are written and empty: a CA or a host would get them as they are. To leave a value out, an
 * expression has to be `null`.
 *
 * @param at where the attributes are; empty for those of the resource itself
 */
export function refuseEmptyTexts<Name extends string>(
  config: { readonly [K in Name]: unknown },
  names: readonly Name[],
  diagnostics: Diagnostics,
  at: AttributePath = [],
): void {
  for (const name of names) {
    const remedy = `Write a value, or leave ${name} out: null in an expression.`;
    refuseEmptyText(config, name, remedy, diagnostics, at);
  }
}

/**
 * Refuses one text that is written and empty.
 *
 * @param remedy what to write instead, as a sentence
 * @param at where the attribute is; empty for one of the resource itself
 */
export function refuseEmptyText<Name extends string>(
  config: { readonly [K in Name]: unknown },
  name: Name,
  remedy: string,
  diagnostics: Diagnostics,
  at: AttributePath = [],
): void {
  if (config[name] !== "") return;
  diagnostics.error(CONFIGURATION.emptyText, `${name} is an empty text. ${remedy}`, [...at, name]);
}
