import { groupBy } from "../../../shared/grouping";
import { madeOnce } from "../../../shared/made-once";
import type { Protocol } from "../../../shared/tls/protocols";
import type { Tables } from "./planned-stack";
import {
  isSameServed,
  type Place,
  placeKey,
  placesOf,
  type Served,
  type ServedPlace,
  servedKey,
} from "./served-names";

/** How clients are served differently, by the table of the target branch and the one of the change. */
export interface ServedChanges {
  /** Names that are served differently: each once for all places where the same happens to it. */
  readonly names: readonly NamesChange[];
  /** What clients get that send no name, or one that is not listed. */
  readonly defaults: readonly DefaultChange[];
  readonly endpoints: readonly EndpointChange[];
  /** Services that are new or gone as a whole. Their names are not in `names`. */
  readonly services: readonly ServiceChange[];
  /** Services that answer an alert to malformed names, and did not, or the reverse. */
  readonly refusals: readonly RefusalChange[];
}

export interface NamesChange {
  /** `removed`: the name is no longer listed, and gets what unlisted names get. */
  readonly change: "added" | "removed" | "changed";
  /** In the order of the table. */
  readonly names: readonly string[];
  readonly before: Served;
  readonly after: Served;
  readonly places: readonly Place[];
}

export interface DefaultChange {
  readonly before: Served;
  readonly after: Served;
  readonly places: readonly Place[];
}

export interface EndpointChange {
  readonly place: Place;
  readonly port: number;
  readonly protocol: Protocol;
  /** `sni on`: the port serves certificates by name from now on; `sni off`: it serves the default to all clients. */
  readonly change: "added" | "removed" | "sni on" | "sni off";
}

export interface ServiceChange {
  readonly place: Place;
  readonly change: "new" | "gone";
  /** How many names the service has in the table. */
  readonly names: number;
}

export interface RefusalChange {
  readonly place: Place;
  readonly refuses: boolean;
}

export function servedChanges({ before, after }: Tables): ServedChanges {
  const then = placesOf(before.hosts);
  const now = placesOf(after.hosts);
  const both = [...now].flatMap(([key, to]) => {
    const from = then.get(key);
    return from === undefined ? [] : [{ from, to }];
  });
  return {
    names: foldedNames(both.flatMap(nameChanges)),
    defaults: foldedDefaults(both),
    endpoints: both.flatMap(endpointChanges),
    services: [...missingIn(then, now, "new"), ...missingIn(now, then, "gone")],
    refusals: both.flatMap(refusalChanges),
  };
}

interface Pair {
  readonly from: ServedPlace;
  readonly to: ServedPlace;
}

interface NameChange extends Omit<NamesChange, "names" | "places"> {
  readonly name: string;
  readonly place: Place;
}

function nameChanges({ from, to }: Pair): NameChange[] {
  const listed = new Set([...to.names.names, ...from.names.names]);
  return [...listed].flatMap((name): NameChange[] => {
    const before = from.names.of(name);
    const after = to.names.of(name);
    // The change of the default is one line of its own, not one for each name that gets it.
    const getDefault = before.kind === "default" && after.kind === "default";
    if (getDefault || isSameServed(before, after)) return [];
    const change = !from.names.has(name) ? "added" : to.names.has(name) ? "changed" : "removed";
    return [{ name, change, before, after, place: to.place }];
  });
}

/** The same change of one name at several places, and of several names at the same places, is one. */
function foldedNames(changes: readonly NameChange[]): NamesChange[] {
  const whatHappens = ({ change, before, after }: Omit<NamesChange, "names" | "places">) =>
    `${change} ${servedKey(before)} ${servedKey(after)}`;
  const byName = groupBy(changes, (one) => `${one.name} ${whatHappens(one)}`);
  const everywhere = [...byName.values()].map((ofName) => ({
    ...ofName[0],
    places: ofName.map(({ place }) => place),
  }));
  const folded = groupBy(everywhere, (one) => `${whatHappens(one)} ${one.places.map(placeKey).join()}`);
  return [...folded.values()].map((ones) => {
    const [{ change, before, after, places }] = ones;
    return { change, before, after, places, names: ones.map(({ name }) => name) };
  });
}

function foldedDefaults(pairs: readonly Pair[]): DefaultChange[] {
  const found = new Map<string, { before: Served; after: Served; places: Place[] }>();
  for (const { from, to } of pairs) {
    const before = from.names.byDefault;
    const after = to.names.byDefault;
    if (isSameServed(before, after)) continue;
    const key = `${servedKey(before)} ${servedKey(after)}`;
    madeOnce(found, key, () => ({ before, after, places: [] })).places.push(to.place);
  }
  return [...found.values()];
}

function endpointChanges({ from, to }: Pair): EndpointChange[] {
  const { place } = to;
  const then = new Map(from.service.endpoints.map((one) => [`${one.port} ${one.protocol}`, one]));
  const now = new Map(to.service.endpoints.map((one) => [`${one.port} ${one.protocol}`, one]));
  const changed = [...now].flatMap(([key, { port, protocol, sni }]): EndpointChange[] => {
    const before = then.get(key);
    if (before?.sni === sni) return [];
    const change = before === undefined ? "added" : sni ? "sni on" : "sni off";
    return [{ place, port, protocol, change }];
  });
  const removed = [...then].flatMap(([key, { port, protocol }]): EndpointChange[] =>
    now.has(key) ? [] : [{ place, port, protocol, change: "removed" }],
  );
  return [...changed, ...removed];
}

function missingIn(
  known: ReadonlyMap<string, ServedPlace>,
  all: ReadonlyMap<string, ServedPlace>,
  change: ServiceChange["change"],
): ServiceChange[] {
  return [...all].flatMap(([key, { place, service }]) =>
    known.has(key) ? [] : [{ place, change, names: service.names.length }],
  );
}

function refusalChanges({ from, to }: Pair): RefusalChange[] {
  const refuses = to.service.refusesMalformedNames === true;
  return refuses === (from.service.refusesMalformedNames === true) ? [] : [{ place: to.place, refuses }];
}
