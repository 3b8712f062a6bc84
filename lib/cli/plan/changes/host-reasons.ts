import { groupBy } from "../../../shared/grouping";
import { counted, line, listOf, plainLine, word } from "../../output/line";
import type { FileChange } from "./file-changes";
import type { HostChange } from "./host-changes";
import { isOverridden } from "./overridden";
import type { Reason, Risk } from "./risk";

/** What happens on hosts, as reasons of the risk. The same on several hosts is one line. */
export function hostReasons(hosts: readonly HostChange[]): Reason[] {
  const all = hosts.flatMap((host) => ofHost(host).map((one) => ({ ...one, host: host.host })));
  return [...groupBy(all, ({ risk, text }) => `${risk} ${plainLine(text)}`).values()].map((ones) => {
    const [{ risk, text }] = ones;
    return { risk, text: line`${listOf([...new Set(ones.map(({ host }) => host))])}: ${text}.` };
  });
}

function ofHost(host: HostChange): Reason[] {
  if (host.change === "gone") return [{ risk: "danger", text: word("host removed") }];
  return [
    ...(host.change === "new" ? [{ risk: "additions" as const, text: word("new host") }] : []),
    ...fileReasons(host),
    ...otherReasons(host),
  ];
}

function fileReasons({ files }: HostChange): Reason[] {
  const of = (kind: FileChange["change"]) => files.filter((file) => file.change === kind);
  const rewritten = of("changed").filter(({ hasOtherNames }) => hasOtherNames);
  const others = of("changed").filter(({ hasOtherNames }) => !hasOtherNames);
  const withPermissions = files.filter(({ permissions }) => permissions !== null);
  return [
    ...about("attention", of("removed"), "file", "removed"),
    ...about("attention", of("kept"), "file", "no longer declared, and left on the host"),
    ...about("attention", of("restored"), "file", "written again: missing or changed on the host"),
    ...about("attention", others, "file", "with other contents"),
    ...about("attention", withPermissions, "file", "with other permissions"),
    ...about("additions", of("added"), "new file", "written"),
    ...about("additions", rewritten, "file", "rewritten for other names"),
    ...about("routine", of("certificate"), "file", "with another certificate"),
  ];
}

function otherReasons({ links, directories, otherAttributes, pending }: HostChange): Reason[] {
  const lostLinks = links.filter(({ change }) => change !== "added");
  const overridden = pending.filter(isOverridden);
  const tried = pending.filter((text) => !isOverridden(text));
  const lostDirectories = directories.filter(({ change }) => change === "removed");
  return [
    ...about("attention", lostLinks, "link", "moved or removed"),
    ...about("attention", lostDirectories, "directory", "no longer declared"),
    ...otherAttributes.map(({ attribute }) => ({
      risk: "attention" as const,
      text: line`${attribute} changed`,
    })),
    ...about("attention", overridden, "pending activation", OVERRIDDEN),
    ...about("routine", tried, "pending activation", "tried again"),
  ];
}

const OVERRIDDEN =
  "overridden by the server's own configuration: unless that or the name is removed, the apply fails";

/** One reason for all things of a kind; none if there are none. */
function about(risk: Risk, { length }: readonly unknown[], noun: string, happens: string): Reason[] {
  return length === 0 ? [] : [{ risk, text: line`${counted(length, noun)} ${word(happens)}` }];
}
