import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { commonKind, type KeyKind, rowKeyOf } from "../../../lib/cli/eject/row-key";

const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).publicKey;
const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).publicKey;

describe("the kind of key that a row gets from dehydrated", () => {
  it.each([
    ["P-256", () => curve("prime256v1"), "prime256v1", null],
    ["P-384", () => curve("secp384r1"), "secp384r1", null],
    ["RSA with 2048 bits", () => rsa(2048), "rsa", 2048],
    ["RSA with 3072 bits", () => rsa(3072), "rsa", 3072],
  ])("GIVEN %s THEN it stays", (_, key, algorithm, size) => {
    expect(rowKeyOf(key())).toEqual({ algorithm, size, lost: null });
  });

  it.each([
    ["secp521r1", () => curve("secp521r1"), "secp384r1", null],
    ["secp256k1", () => curve("secp256k1"), "secp384r1", null],
    ["ed25519", () => generateKeyPairSync("ed25519").publicKey, "secp384r1", null],
    ["RSA with 1024 bits", () => rsa(1024), "rsa", 2048],
    ["RSA with 2304 bits", () => rsa(2304), "rsa", 3072],
  ])(
    "GIVEN %s, which dehydrated or CAs refuse, THEN it is one that is at least as strong, and it says what is lost",
    (lost, key, algorithm, size) => {
      expect(rowKeyOf(key())).toEqual({ algorithm, size, lost });
    },
  );

  const P256: KeyKind = { algorithm: "prime256v1", size: null };
  const small: KeyKind = { algorithm: "rsa", size: 2048 };
  const large: KeyKind = { algorithm: "rsa", size: 4096 };
  it.each([
    [[small, P256, P256], P256],
    [[small, large, P256, large], large],
    [[small, P256], small],
    [[], P256],
  ])("GIVEN %j THEN that of most is %j", (kinds, common) => {
    expect(commonKind(kinds)).toEqual(common);
  });
});
