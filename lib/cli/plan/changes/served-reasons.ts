import { listReason, type Reason } from "./risk";
import type { NamesChange, ServedChanges } from "./served-changes";
import type { Place } from "./served-names";

/** What the tables add to the risk. */
export function servedReasons(served: ServedChanges): Reason[] {
  const { names, defaults, endpoints, services, refusals } = served;
  const worse = endpoints.filter(({ change }) => change === "removed" || change === "sni off");
  const better = endpoints.filter((one) => !worse.includes(one));
  const gone = services.filter(({ change }) => change === "gone");
  const fresh = services.filter(({ change }) => change === "new");
  return [
    ...listReason("attention", "Names that get another certificate", namesOf(names, "changed")),
    ...listReason("attention", "Names no longer in the table", namesOf(names, "removed")),
    ...listReason(
      "attention",
      "Another default certificate",
      placesOf(defaults.flatMap((one) => one.places)),
    ),
    ...listReason("attention", "Servers no longer in the table", titlesOf(gone)),
    ...listReason("attention", "Ports that are removed, or no longer serve by name", titlesOf(worse)),
    ...listReason("attention", "Malformed names that are answered differently", titlesOf(refusals)),
    ...listReason("additions", "Names that get a certificate of their own", namesOf(names, "added")),
    ...listReason("additions", "New servers", titlesOf(fresh)),
    ...listReason("additions", "Ports that are new, or serve by name from now on", titlesOf(better)),
  ];
}

function namesOf(changes: readonly NamesChange[], kind: NamesChange["change"]): readonly string[] {
  return [...new Set(changes.flatMap(({ change, names }) => (change === kind ? names : [])))];
}

function titlesOf(changes: readonly { readonly place: Place }[]): readonly string[] {
  return placesOf(changes.map(({ place }) => place));
}

function placesOf(places: readonly Place[]): readonly string[] {
  return [...new Set(places.map(({ service, host }) => `${service} on ${host}`))];
}
