import { rfc3339 } from "../../../../shared/time/rfc3339";
import { counted, type Line, line, listOf, word } from "../../../output/line";
import type { DomainChange, DomainChangeKind } from "../../changes/domain-changes";
import type { Naming, Row, Section } from "./section";

/** What happens to each domain. The renewals that are due are one row, however many there are. */
export function domainSection(domains: readonly DomainChange[], naming: Naming): Section {
  const renewed = domains.filter(isPlainRenewal);
  const others = ORDER.flatMap((kind) =>
    domains.filter((one) => one.change === kind && !isPlainRenewal(one)),
  );
  return {
    title: "Domains",
    columns: ["Domain", "Change", "Names"],
    rows: [...others.map((one) => rowOf(one, naming)), ...renewedRows(renewed, naming)],
    note: null,
    importance: 4,
    isFolded: false,
  };
}

/** What is lost comes first. */
const ORDER: readonly DomainChangeKind[] = [
  "replaced",
  "gone",
  "not issued here",
  "issued here",
  "changed",
  "reissued",
  "renewed",
  "new",
];

function isPlainRenewal({ change, namesAdded, namesRemoved }: DomainChange): boolean {
  return change === "renewed" && namesAdded.length + namesRemoved.length === 0;
}

function rowOf(domain: DomainChange, naming: Naming): Row {
  return [line`${naming.of(domain.domain, domain.stack)}`, changeLine(domain), namesLine(domain)];
}

function changeLine({ change, reason, attributes }: DomainChange): Line {
  switch (change) {
    case "reissued":
      return reason === null ? word("certificate reissued") : line`certificate reissued: ${reason}`;
    case "renewed":
      return word("renewed: due");
    case "changed":
      return line`changed: ${listOf(attributes)}`;
    case "replaced":
      return word("certificate destroyed and created again");
    case "issued here":
      return word("issued by this stack from now on");
    case "not issued here":
      return word("no longer issued by this stack");
    default:
      return word(change);
  }
}

function namesLine({ change, namesAdded, namesRemoved }: DomainChange): Line {
  if (change === "new") return listOf(namesAdded);
  if (change === "gone") return listOf(namesRemoved);
  const added = namesAdded.length > 0 ? line`added: ${listOf(namesAdded)}` : [];
  const removed = namesRemoved.length > 0 ? line`removed: ${listOf(namesRemoved)}` : [];
  return added.length > 0 && removed.length > 0 ? line`${removed}; ${added}` : [...removed, ...added];
}

function renewedRows(renewed: readonly DomainChange[], naming: Naming): Row[] {
  if (renewed.length === 0) return [];
  const names = listOf(renewed.map(({ domain, stack }) => naming.of(domain, stack)));
  const title = renewed.length === 1 ? names : line`${counted(renewed.length, "domain")}: ${names}`;
  return [[title, word("renewed: due"), firstEnd(renewed)]];
}

function firstEnd(renewed: readonly DomainChange[]): Line {
  const ends = renewed.flatMap(({ notAfter }) => (notAfter === null ? [] : [+notAfter]));
  if (ends.length === 0) return [];
  const first = ends.reduce((one, other) => Math.min(one, other));
  return word(`the first expires at ${rfc3339(new Date(first))}`);
}
