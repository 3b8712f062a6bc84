import { line, word } from "../../../output/line";
import type { HostChange } from "../../changes/host-changes";
import type { Naming, Row, Section } from "./section";

/** Everything that leaves a host, by its path. */
export function removedSection(hosts: readonly HostChange[], naming: Naming): Section {
  return {
    title: "Removed from hosts",
    columns: ["Path", "Host", "What"],
    rows: hosts.flatMap((host) => removedFrom(host, naming)),
    note: null,
    importance: 8,
    isFolded: false,
  };
}

function removedFrom({ host, stack, files, links, directories }: HostChange, naming: Naming): Row[] {
  const on = line`${naming.of(host, stack)}`;
  const row = (path: string, what: string): Row => [line`${path}`, on, word(what)];
  return [
    ...files.flatMap(({ path, change }) => (change === "removed" ? [row(path, "file")] : [])),
    ...files.flatMap(({ path, change }) =>
      change === "kept" ? [row(path, "file, no longer declared, and left on the host")] : [],
    ),
    ...links.flatMap(({ path, change }) => (change === "removed" ? [row(path, "link")] : [])),
    ...directories.flatMap(({ path, change }) =>
      change === "removed" ? [row(path, "directory, no longer declared")] : [],
    ),
  ];
}
