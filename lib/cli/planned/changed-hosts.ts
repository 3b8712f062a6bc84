import { JsonObject } from "../json/json-object";

const MOST_HOSTS = 10_000;

/**
 * The hosts in both values of the output with the hashes of their settings that have another hash afterwards.
 *
 * @param change of the output
 * @throws JsonBytesError
 */
export function changedHosts(change: JsonObject): readonly string[] {
  const [before, after] = ["before", "after"].map((name) => {
    const value = change.optional(name);
    return value === null ? null : new JsonObject(value, MOST_HOSTS);
  });
  if (!before || !after) return [];
  return after.entries.flatMap(([host, hash]) => {
    const deployed = before.optional(host);
    return deployed === null || deployed.equals(hash) ? [] : [host];
  });
}
