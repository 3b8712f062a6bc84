import { JsonObject } from "../json/json-object";
import type { JsonValue } from "../json/json-value";
import { keptValues } from "./kept-values";
import type { PlannedChange } from "./planned-change";
import { isOurProvider, MOST_ATTRIBUTES, MOST_MEMBERS } from "./resource-format";

/**
 * A data source of the mail-sni provider that the engine has read while it planned: engines have these in the state before the
 * plan, and not among the changes.
 *
 * @param value a resource of `prior_state`
 * @returns null for other resources
 * @throws JsonBytesError
 */
export function readDataSource(value: JsonValue): PlannedChange | null {
  const resource = new JsonObject(value, MOST_MEMBERS);
  if (resource.text("mode") !== "data" || !isOurProvider(resource)) return null;
  const type = resource.text("type") ?? "";
  const values = keptValues(type, new JsonObject(resource.needed("values"), MOST_ATTRIBUTES));
  return {
    address: resource.text("address") ?? "",
    movedFrom: null,
    type,
    isData: true,
    isOurs: true,
    isDeposed: false,
    isImported: false,
    action: "no-op",
    reason: null,
    before: values,
    after: values,
    unknown: [],
    changed: [],
  };
}
