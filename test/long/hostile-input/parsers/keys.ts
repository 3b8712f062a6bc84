import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { PEM_REPEATS, pemOf } from "./certificates";
import type { Parser } from "./parser";
import { mailSni, never } from "./refusals";

const PASSPHRASE = "a passphrase of tests";

export function keyParsers(): Parser[] {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // 2,048 rounds, where the provider itself takes more: each input is tried with three passphrases.
  const encrypted = { cipher: "aes-256-cbc", passphrase: PASSPHRASE } as const;
  const pem = privateKey.export({ type: "pkcs8", format: "pem", ...encrypted }).toString();
  const old = privateKey.export({ type: "sec1", format: "pem", ...encrypted }).toString();
  const plain = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const read = async (text: string) => {
    const passphrases = new KeyPassphrases(PASSPHRASE, null, "another passphrase");
    const opened = passphrases.open(text);
    if (opened !== text) createPrivateKey(opened);
    return [opened, opened === text ? null : await passphrases.reseal(text)];
  };
  return [
    {
      name: "an encrypted key",
      seeds: [pem, old, plain],
      throws: mailSni,
      read: (input) => read(input.toString()),
      repeats: PEM_REPEATS,
    },
    {
      name: "an encrypted key's DER, in a PEM",
      seeds: [privateKey.export({ type: "pkcs8", format: "der", ...encrypted })],
      throws: mailSni,
      read: (input) => read(pemOf("ENCRYPTED PRIVATE KEY", input)),
    },
    {
      name: "a passphrase",
      seeds: [PASSPHRASE, "short"],
      throws: never,
      read: (input) => {
        const diagnostics = new Diagnostics();
        new KeyPassphrases(input.toString()).validate(diagnostics);
        return diagnostics.all;
      },
    },
  ];
}
