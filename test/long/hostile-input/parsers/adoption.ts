import { generateKeyPairSync } from "node:crypto";
import { pairOf } from "../../../../lib/provider/adoption/certificate-pair";
import { Unadoptable } from "../../../../lib/provider/adoption/local-file";
import { accountKeyIn } from "../../../../lib/provider/adoption/private-key";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { bounded } from "./bounded";
import { type CertificateSeeds, PEM_REPEATS } from "./certificates";
import type { Parser } from "./parser";

const PATH = "/etc/letsencrypt/live/a.test/privkey.pem";

/** What clients of CAs have left, and a deploy adopts. */
export function adoptionParsers({ combined }: CertificateSeeds): Parser[] {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { d = "", ...jwk } = privateKey.export({ format: "jwk" });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const throws = (secret: string) => (error: unknown) =>
    error instanceof Unadoptable && !bounded(error.message).includes(secret);
  return [
    {
      name: "the key of an account, of another client",
      seeds: [JSON.stringify({ ...jwk, d }), pem],
      throws: throws(d.slice(0, 20)),
      read: (input) => accountKeyIn(input.toString(), PATH, new KeyPassphrases(null)).asymmetricKeyType,
      repeats: PEM_REPEATS,
    },
    {
      name: "a certificate with its key, of another client",
      seeds: combined.slice(0, 2),
      throws: throws(combined[0]?.split("\n")[1] ?? ""),
      read: (input) => {
        const text = input.toString();
        const texts = { certificates: text, certificate: PATH, key: text, keyPlace: PATH };
        const { names, chain, leaf } = pairOf(texts, new KeyPassphrases(null));
        return [names, chain, leaf.dnsNames];
      },
      repeats: PEM_REPEATS,
    },
  ];
}
