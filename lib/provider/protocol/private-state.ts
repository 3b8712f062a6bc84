import { isRecord } from "../../shared/is-record";
import type { Diagnostics } from "./diagnostics";
import { PROTOCOL } from "./messages";
import type { PrivateState } from "./resource";

/** Decodes the private bytes that `encodePrivate` made. Damaged ones are ignored with a warning. */
export function decodePrivate(bytes: Uint8Array | undefined, diagnostics: Diagnostics): PrivateState {
  if (bytes === undefined || bytes.length === 0) return null;
  try {
    const state: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (isRecord(state)) return state;
  } catch {
    // The warning below does not contain the bytes.
  }
  diagnostics.warning(
    PROTOCOL.privateStateDamaged,
    "What the provider keeps beside this resource's state could not be read and is ignored. Has the state been edited by hand?",
  );
  return null;
}

export function encodePrivate(state: PrivateState): Uint8Array {
  return state === null ? new Uint8Array() : Buffer.from(JSON.stringify(state));
}
