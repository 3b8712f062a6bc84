import { line, word } from "../../../output/line";
import type { HostChange } from "../../changes/host-changes";
import { isOverridden } from "../../changes/overridden";
import type { Naming, Section } from "./section";

const OVERRIDDEN =
  ". Unless that part of the server's configuration, or the name, is removed, the apply fails";

/** What has changed earlier and is not served yet. */
export function pendingSection(hosts: readonly HostChange[], naming: Naming): Section {
  return {
    title: "Pending",
    columns: ["Host", "What is not served yet; the apply tries again"],
    rows: hosts.flatMap(({ host, stack, pending }) =>
      pending.map((text) => [
        line`${naming.of(host, stack)}`,
        line`${text}${word(isOverridden(text) ? OVERRIDDEN : "")}`,
      ]),
    ),
    note: null,
    importance: 5,
    isFolded: false,
  };
}
