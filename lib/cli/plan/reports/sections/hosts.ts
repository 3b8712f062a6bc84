import { counted, type Line, line, listOf, word } from "../../../output/line";
import type { FileChange, FileChangeKind, LinkChange } from "../../changes/file-changes";
import type { HostChange } from "../../changes/host-changes";
import type { Naming, Row, Section } from "./section";

/** How many paths of a kind a host lists. New files of a thousand domains are a number. */
const MOST_PATHS = 20;

/** What happens on each host, apart from what is removed there. */
export function hostSection(hosts: readonly HostChange[], naming: Naming): Section {
  return {
    title: "Hosts",
    columns: ["Host", "What happens"],
    rows: hosts.flatMap((host) => rowsOf(host, naming)),
    note: null,
    importance: 3,
    isFolded: true,
  };
}

function rowsOf(change: HostChange, naming: Naming): Row[] {
  const { host, stack, files, links } = change;
  const of = (kind: FileChangeKind) => files.filter((file) => file.change === kind);
  const lines = [
    ...(change.change === "changed"
      ? []
      : [word(change.change === "new" ? "new host" : "the host is removed")]),
    ...reloadLines(change),
    ...certificateLines(of("certificate")),
    ...listed("file with other contents", of("changed").map(fileLine)),
    ...listed("file written again", of("restored").map(fileLine)),
    ...listed("file with other permissions", files.flatMap(permissionLines)),
    ...listed("link", links.filter((link) => link.change !== "removed").map(linkLine)),
    ...listed("new file", of("added").map(fileLine)),
    ...pathLines(change),
  ];
  return lines.map((text) => [line`${naming.of(host, stack)}`, text]);
}

function reloadLines({ reloads }: HostChange): Line[] {
  return reloads.length === 0 ? [] : [line`reloads ${listOf(reloads)}`];
}

/** Hashes are no line each: a renewal changes thousands of them. */
function certificateLines(files: readonly FileChange[]): Line[] {
  if (files.length === 0) return [];
  const domains = [...new Set(files.flatMap(({ domain }) => domain ?? []))];
  const of = domains.length === 0 ? [] : line`, of ${listOf(domains)}`;
  return [line`${counted(files.length, "file")} with another certificate${of}`];
}

function fileLine({ path, service }: FileChange): Line {
  return service === null ? line`${path}` : line`${path} (${service})`;
}

function permissionLines({ path, permissions }: FileChange): Line[] {
  return permissions === null ? [] : [line`${path}: ${permissions.before} → ${permissions.after}`];
}

function linkLine({ path, before, after }: LinkChange): Line {
  return before === null ? line`${path} → ${after ?? ""}` : line`${path}: ${before} → ${after ?? ""}`;
}

function pathLines({ directories, placeholders, otherAttributes }: HostChange): Line[] {
  const added = (paths: HostChange["directories"]) =>
    paths.flatMap(({ path, change }) => (change === "added" ? [line`${path}`] : []));
  return [
    ...listed("new directory", added(directories)),
    ...listed("placeholder, where there is no file", added(placeholders)),
    ...otherAttributes.map(
      ({ address, attribute }) => line`${attribute} of ${address} changed; its contents are not shown here`,
    ),
  ];
}

/** One line for each, or a number if there are many. */
function listed(noun: string, lines: readonly Line[]): Line[] {
  const shown = lines.slice(0, MOST_PATHS).map((one) => line`${word(noun)}: ${one}`);
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, line`${word(noun)}: ${left} more`];
}
