import { isStateId } from "../host/record/states";
import { CONFIGURATION } from "../messages/configuration";
import type { Diagnostics } from "../protocol/diagnostics";
import { attribute } from "../protocol/schema/schema";
import { isUnknown, type Plannable } from "../protocol/values/unknown";

/** The attribute of resources that the issuance journal knows. */
export const JOURNALED_STATE_ID = attribute.string({
  description:
    "The `id` of a `mailsni_state_identity`, the same one for all resources of the state. The provider's `journal` records by it " +
    "which state an order belongs to, so that no other state takes its certificate. Without it the stack's name and its folder " +
    "decide.",
  optional: true,
});

export function validateStateId(
  { state_id: id }: { readonly state_id: Plannable<string | null> },
  diagnostics: Diagnostics,
): void {
  if (id === null || isUnknown(id) || isStateId(id)) return;
  diagnostics.error(
    CONFIGURATION.notStateId,
    `${JSON.stringify(id)} is not 16 hexadecimal digits. Write the id of a mailsni_state_identity.`,
    ["state_id"],
  );
}
