import { type Line, line, listOf, word } from "../../../output/line";
import type { AddressChange, JobRun, OtherChange, RenewerSwitch } from "../../changes/other-changes";
import type { PlanChanges } from "../../changes/plan-changes";
import type { Naming, Row, Section } from "./section";

/** Resources and outputs that are neither certificates nor files of hosts: address and action. */
export function otherSection({ others, addresses, outputs }: PlanChanges, naming: Naming): Section {
  return {
    title: "Other resources",
    columns: ["Address", "Action"],
    rows: [
      ...others.map((one) => otherRow(one, naming)),
      ...addresses.map((one) => [line`${naming.of(one.address, one.stack)}`, addressLine(one)]),
      ...outputs.map(({ name, action, stack }) => [line`output ${naming.of(name, stack)}`, line`${action}`]),
    ],
    note: null,
    importance: 7,
    isFolded: false,
  };
}

function otherRow(change: OtherChange, naming: Naming): Row {
  const { address, stack, action, reason, attributes, job, renewers } = change;
  const because = reason === null ? [] : line`, ${reason}`;
  const changed = action === "update" && attributes.length > 0 ? line`: ${listOf(attributes)}` : [];
  const runs = job === null ? [] : line`; ${runLine(job)}`;
  const switches = renewers === null ? [] : switchLines(renewers).map((one) => line`; ${one}`);
  return [
    line`${naming.of(address, stack)}`,
    line`${word(action)}${changed}${because}${runs}${switches.flat()}`,
  ];
}

function switchLines({ host, off, on, again }: RenewerSwitch): Line[] {
  return [
    ...(off === null ? [line`switches off on ${host} what only the apply finds`] : []),
    ...(off ?? []).map((place) => line`switches off on ${host}: ${place}`),
    ...on.map((place) => line`switches on again on ${host}: ${place}`),
    ...(again === null ? [] : [line`switches off again on ${host}, because ${again}`]),
  ];
}

function runLine({ host, command, pending }: JobRun): Line {
  const because = pending === null ? [] : line`, because ${pending}`;
  return line`runs ${command.join(" ")} on ${host}${because}`;
}

function addressLine({ change, from }: AddressChange): Line {
  switch (change) {
    case "moved":
      return line`moved from ${from ?? ""}`;
    case "imported":
      return word("imported into the state");
    case "deposed":
      return word("left over from a replacement, and destroyed");
  }
}
