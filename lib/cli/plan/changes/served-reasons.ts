import { counted, type Line, line, listOf, word } from "../../output/line";
import type { Risk, RiskReason } from "./risk";
import type { NamesChange, ServedChanges } from "./served-changes";
import type { Place } from "./served-names";

/** What the tables add to the risk. */
export function servedReasons(served: ServedChanges): RiskReason[] {
  const { names, defaults, endpoints, services, refusals } = served;
  const worse = endpoints.filter(({ change }) => change === "removed" || change === "sni off");
  const better = endpoints.filter((one) => !worse.includes(one));
  const gone = services.filter(({ change }) => change === "gone");
  const fresh = services.filter(({ change }) => change === "new");
  return [
    ...about("attention", namesOf(names, "changed"), "get another certificate"),
    ...about("attention", namesOf(names, "removed"), "get what unlisted names get from then on"),
    ...(defaults.length === 0
      ? []
      : [
          reason(
            "attention",
            line`The default certificate changes on ${hostsOf(defaults.flatMap((one) => one.places))}.`,
          ),
        ]),
    ...places("attention", gone, "no longer serves"),
    ...places("attention", worse, "has a port fewer, or one that no longer serves by name"),
    ...places("attention", refusals, "answers malformed names differently"),
    ...about("additions", namesOf(names, "added"), "get a certificate of their own"),
    ...places("additions", fresh, "is new"),
    ...places("additions", better, "has a port more, or one that serves by name from now on"),
  ];
}

function reason(risk: Risk, text: Line): RiskReason {
  return { risk, stack: null, text };
}

function about(risk: Risk, names: readonly string[], happens: string): RiskReason[] {
  if (names.length === 0) return [];
  return [reason(risk, line`${counted(names.length, "name")} ${word(happens)}: ${listOf(names)}.`)];
}

function namesOf(changes: readonly NamesChange[], kind: NamesChange["change"]): readonly string[] {
  return [...new Set(changes.flatMap(({ change, names }) => (change === kind ? names : [])))];
}

function places(risk: Risk, changes: readonly { readonly place: Place }[], happens: string): RiskReason[] {
  const titles = [...new Set(changes.map(({ place }) => `${place.service} on ${place.host}`))];
  return titles.length === 0 ? [] : [reason(risk, line`${listOf(titles)}: ${word(happens)}.`)];
}

function hostsOf(found: readonly Place[]): Line {
  return listOf([...new Set(found.map(({ host }) => host))]);
}
