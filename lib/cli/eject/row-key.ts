import type { KeyObject } from "node:crypto";
import { mostCommon } from "../../shared/grouping";

/** A kind of key, in dehydrated's settings. */
export interface KeyKind {
  /** `KEY_ALGO`. */
  readonly algorithm: "rsa" | "prime256v1" | "secp384r1";
  /** `KEYSIZE`, in bits; null for a curve. */
  readonly size: number | null;
}

/** The kind of key that a row gets from dehydrated. */
export interface RowKey extends KeyKind {
  /** What its key is now, for people, if dehydrated cannot make such a key; null if it stays what it is. */
  readonly lost: string | null;
}

/** The sizes of RSA keys for which Let's Encrypt issues certificates. */
const RSA_SIZES = [2048, 3072, 4096];
const LARGEST_RSA_SIZE = 4096;

/** The kind that comes closest to a key, among those of which dehydrated 0.7.0 makes keys (`verify_config`). */
export function rowKeyOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): RowKey {
  const { namedCurve: curve, modulusLength: bits } = details ?? {};
  if (bits !== undefined) {
    const size = RSA_SIZES.find((one) => one >= bits) ?? LARGEST_RSA_SIZE;
    return { algorithm: "rsa", size, lost: size === bits ? null : `RSA with ${bits} bits` };
  }
  if (curve === "prime256v1" || curve === "secp384r1") return { algorithm: curve, size: null, lost: null };
  return { algorithm: "secp384r1", size: null, lost: curve ?? type ?? "of an unknown kind" };
}

/** The kind that most have, and the first of them if there are several. */
export function commonKind(kinds: readonly KeyKind[]): KeyKind {
  const common = mostCommon(kinds.map(kindSettings));
  return kinds.find((kind) => kindSettings(kind) === common) ?? { algorithm: "prime256v1", size: null };
}

/** Lines of a configuration of dehydrated. */
export function kindSettings({ algorithm, size }: KeyKind): string {
  return `KEY_ALGO=${algorithm}\n${size === null ? "" : `KEYSIZE=${size}\n`}`;
}
