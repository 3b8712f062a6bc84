import { listed } from "../../../shared/errors/wording";
import { HOST_SETTINGS_OUTPUT } from "../../../shared/host-settings-output";
import type { PlannedAction, PlannedChange, PlannedOutput, StackPlan } from "../../planned/planned-change";
import {
  ACME_CERTIFICATE,
  HOST_FILES,
  HOST_JOB,
  PRIVATE_CA,
  PRIVATE_CERTIFICATE,
  RETIRED_RENEWERS,
  SERVED_CERTIFICATES,
} from "../../planned/resource-format";
import { objectionToCa, objectionToCertificate } from "./certificates";
import { objectionToHostFiles } from "./host-files";
import { objectionToHostJob } from "./host-jobs";
import { drifted, type Objection, type Refusal, undeployed } from "./refusal";
import { RenewedCas } from "./renewed-cas";
import { objectionToRetiredRenewers } from "./retired-renewers";

/**
 * What a plan does that must not happen unattended. Allowed are the renewals that time and DNS lead to, the files that they
 * change on hosts, what is pending there (jobs that have failed, and old renewers that run again, too), and the restoring of what
 * is missing there. Nothing else, whatever it is.
 *
 * @returns nothing if the plan may be applied
 */
export function refusalsIn(plan: StackPlan): readonly Refusal[] {
  const drift = new Map(plan.drift.map((change) => [change.address, change]));
  const cas = new RenewedCas(plan);
  const objections = [
    ...plan.changes.map((change): [string, Objection | null] => [
      change.address,
      objectionTo(change, { drift: drift.get(change.address), cas }),
    ]),
    ...plan.actions.map((address): [string, Objection] => [address, RUN]),
    ...plan.outputs.map((output): [string, Objection | null] => [
      `output.${output.name}`,
      objectionToOutput(output, plan),
    ]),
  ];
  return [
    ...(plan.isComplete ? [] : [INCOMPLETE]),
    ...objections.flatMap(([address, objection]) => (objection === null ? [] : [{ address, ...objection }])),
  ];
}

/** What an action does is not in the plan, even if renewals have triggered it since the last deploy. */
const RUN: Objection = { problem: "would be run", cause: "other provider" };

const INCOMPLETE: Refusal = {
  address: null,
  problem: "the plan is not complete: what else it would change is not known",
  cause: "incomplete",
};

interface Circumstances {
  /** What has changed of the resource since the last apply. */
  readonly drift: PlannedChange | undefined;
  /** The private CAs that the plan renews. */
  readonly cas: RenewedCas;
}

function objectionTo(change: PlannedChange, { drift, cas }: Circumstances): Objection | null {
  const { action, type } = change;
  if (change.movedFrom !== null) return undeployed(`would be moved there from ${change.movedFrom}`);
  if (change.isImported) return undeployed("would be imported");
  if (action === "no-op" && !change.isDeposed) return null;
  if (!change.isOurs) return { problem: `would be ${DONE[action]}`, cause: "other provider" };
  if (change.isDeposed) return undeployed(`would be ${DONE[action]}, as the rest of a replacement`);
  if (change.isData)
    return action === "read" && type === SERVED_CERTIFICATES ? null : undeployed(`would be ${DONE[action]}`);
  // As on a host that was reinstalled.
  if (action === "create" && drift?.action === "delete")
    return drifted("is missing on the host, and would be created again");
  if (action !== "update") return undeployed(`would be ${DONE[action]}`);
  switch (type) {
    case ACME_CERTIFICATE:
    case PRIVATE_CERTIFICATE:
      return objectionToCertificate(change, cas);
    case PRIVATE_CA:
      return objectionToCa(change);
    case HOST_FILES:
      return objectionToHostFiles(change, drift);
    case HOST_JOB:
      return objectionToHostJob(change);
    case RETIRED_RENEWERS:
      return objectionToRetiredRenewers(change);
    default:
      return undeployed("would be updated");
  }
}

/**
 * The values of outputs follow renewals. Which outputs there are is configuration, and so are the settings of hosts: with others, a
 * renewal would go to another machine, run other commands there, or change which certificate is the default.
 */
function objectionToOutput({ name, action }: PlannedOutput, { changedHosts }: StackPlan): Objection | null {
  if (name === HOST_SETTINGS_OUTPUT && action === "update")
    return undeployed(
      `the settings of ${listed(changedHosts, "the hosts")} would change, such as the address, the commands or the default domain`,
    );
  return action === "no-op" || action === "update" ? null : undeployed(`would be ${DONE[action]}`);
}

const DONE: Readonly<Record<PlannedAction, string>> = {
  "no-op": "left",
  read: "read",
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "destroyed",
  forget: "removed from the state",
};
