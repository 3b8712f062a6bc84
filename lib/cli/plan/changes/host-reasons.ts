import { groupBy } from "../../../shared/grouping";
import { counted, line, listOf, plainLine, word } from "../../output/line";
import type { FileChange } from "./file-changes";
import type { HostChange } from "./host-changes";
import type { Reason, Risk } from "./risk";

/** What happens on hosts, as reasons of the risk. The same on several hosts is one line. */
export function hostReasons(hosts: readonly HostChange[]): Reason[] {
  const all = hosts.flatMap((host) => ofHost(host).map((one) => ({ ...one, host: host.host })));
  return [...groupBy(all, ({ risk, text }) => `${risk} ${plainLine(text)}`).values()].map((ones) => {
    const [{ risk, text }] = ones;
    return { risk, text: line`${listOf([...new Set(ones.map(({ host }) => host))])}: ${text}.` };
  });
}

function ofHost({ change, files, links, directories, otherAttributes, pending }: HostChange): Reason[] {
  if (change === "gone") return [{ risk: "danger", text: word("host removed") }];
  const of = (kind: FileChange["change"]) => files.filter((file) => file.change === kind);
  const isExplained = ({ hasOtherNames }: FileChange) => hasOtherNames;
  const about = (risk: Risk, { length }: readonly unknown[], noun: string, happens: string) =>
    length === 0 ? [] : [{ risk, text: line`${counted(length, noun)} ${word(happens)}` }];
  return [
    ...(change === "new" ? [{ risk: "additions" as const, text: word("new host") }] : []),
    ...about("attention", of("removed"), "file", "removed"),
    ...about("attention", of("kept"), "file", "no longer declared, and left on the host"),
    ...about("attention", of("restored"), "file", "written again: missing or changed on the host"),
    ...about(
      "attention",
      of("changed").filter((one) => !isExplained(one)),
      "file",
      "with other contents",
    ),
    ...about(
      "attention",
      files.filter(({ permissions }) => permissions !== null),
      "file",
      "with other permissions",
    ),
    ...about(
      "attention",
      links.filter((link) => link.change !== "added"),
      "link",
      "moved or removed",
    ),
    ...about(
      "attention",
      directories.filter((one) => one.change === "removed"),
      "directory",
      "no longer declared",
    ),
    ...otherAttributes.map(({ attribute }) => ({
      risk: "attention" as const,
      text: line`${attribute} changed`,
    })),
    ...about("additions", of("added"), "new file", "written"),
    ...about("additions", of("changed").filter(isExplained), "file", "rewritten for other names"),
    ...about("routine", of("certificate"), "file", "with another certificate"),
    ...about("routine", pending, "pending activation", "completed"),
  ];
}
