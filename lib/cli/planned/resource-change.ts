import { JsonObject } from "../json/json-object";
import type { JsonValue } from "../json/json-value";
import { keptValues } from "./kept-values";
import { UnsupportedPlan } from "./plan-error";
import { plannedAction } from "./planned-action";
import type { PlannedAction, PlannedChange } from "./planned-change";
import {
  isOurProvider,
  MOST_ADDRESS_BYTES,
  MOST_ATTRIBUTES,
  MOST_MEMBERS,
  MOST_WORD_BYTES,
} from "./resource-format";

const MOST_ACTIONS = 4;

/**
 * A change of a resource, or a drift.
 *
 * @param value an element of `resource_changes` or `resource_drift`. Its members may come in any order
 * @returns null for ephemeral resources, which an engine opens in each run
 * @throws JsonBytesError, UnsupportedPlan
 */
export function resourceChange(value: JsonValue): PlannedChange | null {
  const resource = new JsonObject(value, MOST_MEMBERS);
  const mode = resource.text("mode");
  if (mode === "ephemeral") return null;
  if (mode !== "managed" && mode !== "data") throw value.error("has a mode that is not managed or data");
  const change = new JsonObject(resource.needed("change"), MOST_MEMBERS);
  return {
    address: resource.needed("address").text(MOST_ADDRESS_BYTES),
    movedFrom: resource.text("previous_address"),
    type: resource.needed("type").text(MOST_WORD_BYTES),
    isData: mode === "data",
    isOurs: isOurProvider(resource),
    isDeposed: resource.text("deposed") !== null,
    isImported: change.optional("importing") !== null,
    action: actionOf(change),
    reason: resource.text("action_reason"),
    ...valuesOf(resource, change),
  };
}

/** @throws JsonBytesError, UnsupportedPlan */
export function actionOf(change: JsonObject): PlannedAction {
  const actions = change.needed("actions").list(MOST_ACTIONS);
  const action = plannedAction(actions.map((each) => each.text(MOST_WORD_BYTES)));
  if (action === undefined) throw new UnsupportedPlan("an action that this release does not know");
  return action;
}

type Values = Pick<PlannedChange, "before" | "after" | "unknown" | "changed">;

function valuesOf(resource: JsonObject, change: JsonObject): Values {
  const kept = (attributes: JsonObject | null) =>
    attributes !== null && isOurProvider(resource)
      ? keptValues(resource.text("type") ?? "", attributes)
      : null;
  const before = attributesOf(change.optional("before"));
  const keptBefore = kept(before);
  const unknown = unknownIn(change, (value) => value.isTrue);
  const changing = unknownIn(change, (value) => value.hasTrue);
  // Most resources do not change: these are read once.
  if (change.optional("before")?.equals(change.optional("after")) === true) {
    return { before: keptBefore, after: keptBefore, unknown, changed: changing };
  }
  const after = attributesOf(change.optional("after"));
  return { before: keptBefore, after: kept(after), unknown, changed: changed(before, after, changing) };
}

function attributesOf(values: JsonValue | null): JsonObject | null {
  return values === null ? null : new JsonObject(values, MOST_ATTRIBUTES);
}

/** The names of attributes of `after_unknown`, which is `false` if all are known. */
function unknownIn(change: JsonObject, counts: (value: JsonValue) => boolean): readonly string[] {
  const unknown = change.optional("after_unknown");
  if (unknown === null || unknown.isFalse) return [];
  const { entries } = new JsonObject(unknown, MOST_ATTRIBUTES);
  return entries.filter(([, value]) => counts(value)).map(([name]) => name);
}

/** The names of attributes whose bytes differ, or that are not known. */
function changed(
  before: JsonObject | null,
  after: JsonObject | null,
  unknown: readonly string[],
): readonly string[] {
  const namesOf = (attributes: JsonObject | null) => attributes?.entries.map(([name]) => name) ?? [];
  const names = new Set([...namesOf(before), ...namesOf(after), ...unknown]);
  const isSame = (name: string) => areSame(before?.optional(name) ?? null, after?.optional(name) ?? null);
  return [...names].filter((name) => unknown.includes(name) || !isSame(name)).sort();
}

function areSame(one: JsonValue | null, other: JsonValue | null): boolean {
  return one === null ? other === null : one.equals(other);
}
