import { groupBy } from "../../../../shared/grouping";
import { joined, type Line, line, listOf, word } from "../../../output/line";
import type { EndpointChange, ServedChanges, ServiceChange } from "../../changes/served-changes";
import type { Place, Served } from "../../changes/served-names";
import type { Naming, Row, Section } from "./section";

/** Which names are served differently than now. */
export function servedSection(served: ServedChanges | null, naming: Naming): Section {
  const rows = served === null ? [] : rowsOf(served, naming);
  return {
    title: "Served differently",
    columns: ["Names", "Where", "Now", "After the deploy"],
    rows,
    note: noteOf(served, rows),
    importance: 9,
    isFolded: false,
  };
}

function noteOf(served: ServedChanges | null, rows: readonly Row[]): Line | null {
  if (served === null) {
    return word(
      "Not compared: give the table of the target branch with --base-table, and synthesize the one of the change.",
    );
  }
  return rows.length === 0 ? word("No name is served differently than now.") : null;
}

/** What is lost comes first. */
function rowsOf({ names, defaults, endpoints, services, refusals }: ServedChanges, naming: Naming): Row[] {
  const of = (kinds: readonly string[]) => names.filter(({ change }) => kinds.includes(change));
  const nameRow = (one: ServedChanges["names"][number]): Row => [
    listOf(one.names),
    where(one.places, naming),
    servedLine(one.before),
    line`${servedLine(one.after)}${word(one.change === "removed" ? ", as for any other name" : "")}`,
  ];
  return [
    ...serviceRows(services, "gone", naming),
    ...of(["changed", "removed"]).map(nameRow),
    ...defaults.map(({ places, before, after }) => [
      word("any other name, or none"),
      where(places, naming),
      servedLine(before),
      servedLine(after),
    ]),
    ...endpoints.map((one) => endpointRow(one, naming)),
    ...refusals.map(({ place, refuses }) => [
      word("names that cannot be host names"),
      where([place], naming),
      word(refuses ? "the default certificate" : "refused with a TLS alert"),
      word(refuses ? "refused with a TLS alert" : "the default certificate"),
    ]),
    ...serviceRows(services, "new", naming),
    ...of(["added"]).map(nameRow),
  ];
}

/** Services with the same number of names are one row. */
function serviceRows(
  services: readonly ServiceChange[],
  change: ServiceChange["change"],
  naming: Naming,
): Row[] {
  const byCount = groupBy(
    services.filter((one) => one.change === change),
    ({ names }) => names,
  );
  const served = word("by name");
  const not = word("nothing: the server is not in the table");
  return [...byCount].map(([count, ones]) => [
    line`all names of the server (${count})`,
    where(
      ones.map(({ place }) => place),
      naming,
    ),
    ...(change === "new" ? [not, served] : [served, not]),
  ]);
}

function endpointRow({ place, port, protocol, change }: EndpointChange, naming: Naming): Row {
  const [before, after] = OF_ENDPOINTS[change];
  return [line`port ${port} (${word(protocol)})`, where([place], naming), word(before), word(after)];
}

const OF_ENDPOINTS: Readonly<Record<EndpointChange["change"], readonly [before: string, after: string]>> = {
  added: ["not declared", "declared"],
  removed: ["declared", "not declared"],
  "sni on": ["the default certificate to all clients", "by name"],
  "sni off": ["by name", "the default certificate to all clients"],
};

function servedLine(served: Served): Line {
  switch (served.kind) {
    case "certificate":
      return line`certificate of ${served.domain}`;
    case "file":
      return line`the unmanaged certificate ${served.path}`;
    case "refused":
      return word("refused with a TLS alert");
    case "default":
      return served.domain === null ? word("the default") : line`the default (${served.domain})`;
  }
}

/** Services and hosts: `dovecot, qmail on mx1`. Hosts with the same services are one group. */
function where(places: readonly Place[], naming: Naming): Line {
  const byHost = groupBy(places, ({ host, stack }) => naming.of(host, stack));
  const hosts = [...byHost].map(([host, ones]) => ({ host, services: ones.map(({ service }) => service) }));
  const groups = groupBy(hosts, ({ services }) => services.join("\n"));
  return joined(
    [...groups.values()].map(
      (ones) => line`${listOf(ones[0].services)} on ${listOf(ones.map(({ host }) => host))}`,
    ),
    "; ",
  );
}
