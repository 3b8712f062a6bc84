import type { JsonValue } from "./json/json-value";
import { type Attributes, keptValues } from "./kept-values";
import { UnsupportedPlan } from "./plan-error";
import { plannedAction } from "./planned-action";
import type { PlannedAction, PlannedChange } from "./planned-change";

/** As both engines write it, whatever the name of the provider in the configuration is. */
const OUR_PROVIDER = "mail-sni.invalid/mail-sni/mailsni";
const MOST_MEMBERS = 100;
const MOST_ATTRIBUTES = 10_000;
const MOST_ADDRESS_BYTES = 8192;
const MOST_WORD_BYTES = 256;
const MOST_ACTIONS = 4;

/**
 * A change of a resource, or a drift.
 *
 * @param value an element of `resource_changes` or `resource_drift`. Its members may come in any order
 * @returns null for ephemeral resources, which an engine opens in each run
 * @throws JsonBytesError, UnsupportedPlan
 */
export function resourceChange(value: JsonValue): PlannedChange | null {
  const members = value.object(MOST_MEMBERS);
  const word = (name: string) => present(members, name)?.text(MOST_ADDRESS_BYTES) ?? null;
  const mode = word("mode");
  if (mode === "ephemeral") return null;
  if (mode !== "managed" && mode !== "data") throw value.error("has a mode that is not managed or data");
  const type = needed(value, members, "type").text(MOST_WORD_BYTES);
  const isOurs = word("provider_name") === OUR_PROVIDER;
  const change = needed(value, members, "change").object(MOST_MEMBERS);
  const before = attributesOf(change, "before");
  const isSame = change.get("before")?.equals(change.get("after")) === true;
  const after = isSame ? before : attributesOf(change, "after");
  const keptBefore = isOurs && before !== null ? keptValues(type, before) : null;
  const unknown = present(change, "after_unknown");
  return {
    address: needed(value, members, "address").text(MOST_ADDRESS_BYTES),
    movedFrom: word("previous_address"),
    type,
    isData: mode === "data",
    isOurs,
    isDeposed: word("deposed") !== null,
    isImported: present(change, "importing") !== null,
    action: actionOf(value, change),
    reason: word("action_reason"),
    before: keptBefore,
    after: isSame ? keptBefore : isOurs && after !== null ? keptValues(type, after) : null,
    unknown: attributeNames(unknown, (each) => each.isTrue),
    changed: changedAttributes(
      before,
      after,
      attributeNames(unknown, (each) => each.hasTrue),
    ),
  };
}

/** @throws JsonBytesError, UnsupportedPlan */
export function actionOf(parent: JsonValue, change: Members): PlannedAction {
  const actions = needed(parent, change, "actions").list(MOST_ACTIONS);
  const action = plannedAction(actions.map((each) => each.text(MOST_WORD_BYTES)));
  if (action === undefined) throw new UnsupportedPlan("an action that this release does not know");
  return action;
}

export type Members = ReadonlyMap<string, JsonValue>;

function present(members: Members, name: string): JsonValue | null {
  const value = members.get(name);
  return value === undefined || value.isNull ? null : value;
}

function needed(parent: JsonValue, members: Members, name: string): JsonValue {
  const value = present(members, name);
  if (value === null) throw parent.error(`has no ${name}`);
  return value;
}

function attributesOf(change: Members, name: "before" | "after"): Attributes | null {
  return present(change, name)?.object(MOST_ATTRIBUTES) ?? null;
}

/** @param unknown `after_unknown`: null or `false` if all is known */
function attributeNames(unknown: JsonValue | null, counts: (value: JsonValue) => boolean): readonly string[] {
  if (unknown === null || unknown.isFalse) return [];
  return [...unknown.object(MOST_ATTRIBUTES)].filter(([, value]) => counts(value)).map(([name]) => name);
}

/** The names of attributes whose bytes differ, or that are not known. An attribute that is missing counts as null. */
function changedAttributes(
  before: Attributes | null,
  after: Attributes | null,
  unknown: readonly string[],
): readonly string[] {
  if (before === after) return unknown;
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? []), ...unknown]);
  const isChanged = (name: string) => unknown.includes(name) || !areSame(before?.get(name), after?.get(name));
  return [...names].filter(isChanged).sort();
}

function areSame(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === undefined || one.isNull) return other === undefined || other.isNull;
  return other?.equals(one) === true;
}
