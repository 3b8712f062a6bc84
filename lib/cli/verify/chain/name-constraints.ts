import { DER_SEQUENCE, type DerValue, derContents, derValues } from "../../../shared/der";
import { type ComparableName, comparableName, isWithin } from "./name-forms";

/** The names for which the certificates below a CA may be (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

interface Subtree {
  readonly base: ComparableName;
  /** Whether it has a minimum or maximum distance, which no client supports. */
  readonly hasDistance: boolean;
}

/**
 * - `not-permitted`: there are permitted subtrees for this form of name, and the name is in none of them.
 * - `excluded`: the name is in an excluded subtree.
 * - `not-comparable`: clients cannot compare the name with a subtree, and refuse it.
 */
export type NameViolation = "not-permitted" | "excluded" | "not-comparable";

const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;
const MINIMUM = 0x80;

/** @throws RangeError if it is not a `nameConstraints` extension in DER */
export function nameConstraints(value: Buffer): NameConstraints {
  const fields = derValues(derContents(derValues(value)[0], DER_SEQUENCE));
  const subtrees = (tag: number) =>
    fields.filter((field) => field.tag === tag).flatMap(({ contents }) => derValues(contents).map(subtree));
  return { permitted: subtrees(PERMITTED), excluded: subtrees(EXCLUDED) };
}

function subtree(value: DerValue): Subtree {
  const [base, ...distances] = derValues(derContents(value, DER_SEQUENCE));
  if (base === undefined) throw new RangeError("the subtree has no base");
  const isDefault = ({ tag, contents }: DerValue) => tag === MINIMUM && contents.every((byte) => byte === 0);
  return { base: comparableName(base), hasDistance: !distances.every(isDefault) };
}

/** Compares a name with the subtrees of its form. */
export function violation(
  name: ComparableName,
  { permitted, excluded }: NameConstraints,
): NameViolation | null {
  const isSameForm = ({ base }: Subtree) => base.form === name.form;
  if ([...permitted, ...excluded].some((one) => isSameForm(one) && one.hasDistance)) return "not-comparable";
  const allowed = permitted.filter(isSameForm).map(({ base }) => isWithin(name, base));
  if (allowed.length > 0 && !allowed.includes(true)) {
    return allowed.includes(null) ? "not-comparable" : "not-permitted";
  }
  const denied = excluded.filter(isSameForm).map(({ base }) => isWithin(name, base));
  if (denied.includes(true)) return "excluded";
  return denied.includes(null) ? "not-comparable" : null;
}
