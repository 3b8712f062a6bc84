import { line } from "../../../output/line";
import type { HostChange } from "../../changes/host-changes";
import type { Naming, Section } from "./section";

/** What has changed earlier and is not served yet. */
export function pendingSection(hosts: readonly HostChange[], naming: Naming): Section {
  return {
    title: "Pending",
    columns: ["Host", "What is not served yet; the apply tries again"],
    rows: hosts.flatMap(({ host, stack, pending }) =>
      pending.map((text) => [line`${naming.of(host, stack)}`, line`${text}`]),
    ),
    note: null,
    importance: 5,
    isFolded: false,
  };
}
